// hello: the program inside the embedded image of the same name. It reports the isolation that it sees from inside, and it is
// the handful of small commands that tests and first steps need. What it can learn, it reads from /proc, /sys and /etc as any
// program in a container could: nothing here knows Rundlet, and no layer of Rundlet is referenced.
//
//   Report/   one section of the report a file: reads and parses, makes facts and tables
//   Render/   the same report as text, as a web page, as JSON
//   Http/     the server of `hello http PORT`

using Rundlet.Hello.Http;
using Rundlet.Hello.Render;
using Rundlet.Hello.Report;

namespace Rundlet.Hello;

/// <summary>Chooses the command by the name the program was called by, as busybox does, or by its first argument.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        string name = BaseName(Environment.GetCommandLineArgs()[0]);
        if (name != "hello")
            return Run(name, args);
        return args.Length == 0 ? Report() : Run(args[0], args[1..]);
    }

    // `true` comes first and touches nothing: its time is the start-up time of a container.
    private static int Run(string command, string[] args) => command switch
    {
        "true" => 0,
        "false" => 1,
        "echo" => Applets.Echo(args),
        "env" => Applets.Env(),
        "exit" => Applets.Exit(args),
        "sleep" => Applets.Sleep(args),
        "http" => ServeHttp(args),
        "hello" => Report(),
        "help" or "--help" or "-h" => Applets.Print(Applets.Usage),
        _ => Applets.Fail($"unknown command '{command}'"),
    };

    private static int Report() => Applets.Print(TextRenderer.Render(ContainerReport.Take(new SystemFiles())));

    private static int ServeHttp(string[] args) =>
        args.Length == 1 && int.TryParse(args[0], out int port) && port is > 0 and <= 65535
            ? ReportServer.Run(port)
            : Applets.Fail("http wants a port from 1 to 65535");

    private static string BaseName(string path) => path[(path.LastIndexOf('/') + 1)..];
}
