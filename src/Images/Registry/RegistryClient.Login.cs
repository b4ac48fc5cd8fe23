using System.Net;
using Rundlet.Images.Registry.Http;
using Rundlet.Linux;

namespace Rundlet.Images.Registry;

public sealed partial class RegistryClient
{
    private const int ProbeBytes = 1 << 20;

    /// <summary>Asks a registry whether it accepts the client's credential, and whether it is a registry at all (distribution-spec, "Determining Support").</summary>
    /// <param name="registry">Host, with a port where it has one.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ContainerException">As for all methods.</exception>
    public Task CheckLoginAsync(string registry, CancellationToken cancel) =>
        BlockingTask.Run(() =>
        {
            var source = new RegistrySource(EndpointOf(registry), "");
            HttpCall call = source.Endpoint.Call(HttpMethod.Get, "", "", "", cancel);
            using HttpResponseMessage answer = _exchange.Send(call, ProbeBytes, out byte[] body, cancel);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => true,
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                    throw new ContainerException(ContainerErrorKind.PermissionDenied, $"registry '{registry}' does not accept the login{ResponseBody.Complaint(body)}") { Hint = "check user and password" },
                HttpStatusCode.NotFound => throw new ContainerException(ContainerErrorKind.Unavailable, $"'{registry}' is no registry of version 2") { Hint = "check the name" },
                _ => throw RegistryRefusal.Of(answer, ResponseBody.Complaint(body), source, "login", _options),
            };
        }, cancel);
}
