using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Http;
using Rundlet.Cli.Metrics;
using Rundlet.Cli.Terminal;
using Rundlet.Linux;
using Rundlet.Runtime;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Commands;

internal sealed class ServeCommand : Command
{
    private const string MetricsPath = "/metrics", HealthPath = "/healthz";

    public override string Name => "serve";

    public override string Usage => "";

    public override string Summary => "Serve metrics for Prometheus, and containers' names, until a signal ends it.";

    public override string Group => "About";

    public override IReadOnlyList<Option> Options =>
    [
        new("metrics", null, "ADDRESS", $"where {MetricsPath} is: 127.0.0.1:9323, [::1]:9323, unix:/path, or fd:// for the service manager's socket"),
        new("dns", null, "ADDRESS", "where programs of this machine ask for containers' names: 127.0.0.54:53, for NAME and NAME.NETWORK"),
        new("metrics-host", null, "NAME", "a name of this machine that requests may be for, besides addresses and localhost (may be repeated)"),
        new("metrics-label", null, "LABEL", "a label of containers that their metrics get too (may be repeated)"),
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "rundlet serve --metrics 127.0.0.1:9323",
        "rundlet serve --dns 127.0.0.54:53",
        "rundlet serve --metrics unix:/run/rundlet/metrics.sock --metrics-label com.example.team",
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        ListenAddress? metrics = arguments.Value("metrics") is { } at ? ListenAddress.Parse(at) : null;
        ListenAddress? names = arguments.Value("dns") is { } there ? ListenAddress.Parse(there) : null;
        if (metrics is null && names is null)
            throw Wants(arguments, "something to serve: --metrics ADDRESS or --dns ADDRESS");
        MetricsPage page = new(session.OpenEngine, LabelsOf(arguments.Values("metrics-label")));
        session.OpenEngine().Dispose(); // what is wrong with the roots is told before anybody waits
        using NameServer? server = names is null ? null : NameServer.Open(session.OpenEngine, names);
        using ListenSocket? socket = metrics is null ? null : ListenSocket.Open(metrics);
        using OwnedFd stop = OwnedFd.FromAnswer(Sys.eventfd2(0, 0), "eventfd2");
        using SignalForwarder signals = new(_ => Sys.write(stop.Value, BitConverter.GetBytes(1UL)), null);
        if (server is not null)
            Out.Line($"names at {server.Place}");
        if (socket is not null)
            Out.Line($"metrics at {socket.Place}{(socket.Place.StartsWith("http:", StringComparison.Ordinal) ? "" : ", path ")}{MetricsPath}");
        ServiceManager.Tell("READY=1");
        Thread? beside = server is null || socket is null ? null : new Thread(() => Serve(server, stop, session)) { IsBackground = true, Name = "names" };
        beside?.Start();
        if (socket is not null)
            Serve(socket, page, stop, session, arguments);
        else
            Serve(server!, stop, session);
        beside?.Join();
        ServiceManager.Tell("STOPPING=1");
        return 0;
    }

    private static void Serve(NameServer server, OwnedFd stop, Session session) => server.Run(stop, failed => ErrorReport.Write(failed, session.Debug));

    private static void Serve(ListenSocket socket, MetricsPage page, OwnedFd stop, Session session, Arguments arguments)
    {
        HostRule? rule = socket.IsLocal ? null : new HostRule(arguments.Values("metrics-host"));
        using HttpServer server = new(socket.Fd, request => Answer(session, page, rule, request), page.Count, new HttpLimits());
        server.Run(stop);
    }

    private static HttpAnswer Answer(Session session, MetricsPage page, HostRule? rule, RequestHead request)
    {
        if (rule is not null && !rule.Allows(request.Host))
            return HttpAnswer.Plain(403, "this server is not called so; --metrics-host NAME makes it");
        if (request.Path == HealthPath)
            return HttpAnswer.Plain(200, "ok");
        if (request.Path != MetricsPath)
            return HttpAnswer.Plain(404, $"there are {MetricsPath} and {HealthPath}");
        try
        {
            (byte[] text, string type) = page.Render(AcceptField.WantsOpenMetrics(request.Accept));
            return new HttpAnswer(200, type, text);
        }
        catch (Exception e)
        {
            // Whatever it is, the next scrape may find it gone.
            ErrorReport.Write(e, session.Debug);
            return HttpAnswer.Plain(503, ErrorReport.IsOurs(e) ? e.Message : "the metrics cannot be read");
        }
    }

    private static List<(string Label, string Name)> LabelsOf(IReadOnlyList<string> labels)
    {
        List<(string Label, string Name)> named = [];
        foreach (string label in labels.Distinct())
        {
            string name = MetricLabels.NameOf(label);
            if (label.Length == 0)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, "--metrics-label: a label has a name");
            if (named.Find(other => other.Name == name).Label is { } other)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"--metrics-label: '{other}' and '{label}' would both be '{name}'");
            named.Add((label, name));
        }
        return named;
    }
}
