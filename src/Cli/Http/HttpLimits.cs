namespace Rundlet.Cli.Http;

/// <summary>How much of a server one client gets.</summary>
/// <param name="Connections">The most at once; more wait in the kernel.</param>
/// <param name="Head">Milliseconds until a request must be there.</param>
/// <param name="Answer">Milliseconds until an answer must be taken.</param>
/// <param name="Leave">Milliseconds until the client must close after that.</param>
internal sealed record HttpLimits(int Connections = 16, int Head = 5_000, int Answer = 30_000, int Leave = 2_000);
