using Rundlet.Images.Check;
using Rundlet.Images.Pull;
using Rundlet.Images.Registry;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Brings again what a check of the images found damaged.</summary>
public static class RepairImages
{
    /// <summary>Repairs it: from what is whole, or from registries.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="report">What the check found.</param>
    /// <param name="progress">Is told how what is fetched comes; null for nobody.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Problems that remain, with their reasons.</returns>
    /// <exception cref="ContainerException">InvalidArgument: the configuration of registries is malformed.</exception>
    public static IReadOnlyList<StoreProblem> Run(ContainerEngine engine, StoreReport report, IPullProgress? progress, CancellationToken cancellation)
    {
        using var client = new RegistryClient(RegistryOptions.FromEnvironment(Environment.GetEnvironmentVariable));
        var source = new RegistryImageSource(client);
        HashSet<string> running = [.. engine.Containers.List().Where(container => engine.StandingOf(container).IsRunning).Select(container => container.Name)];
        return engine.Images.Store.RepairAsync(report, running.Contains, _ => source, cancellation, progress).GetAwaiter().GetResult();
    }
}
