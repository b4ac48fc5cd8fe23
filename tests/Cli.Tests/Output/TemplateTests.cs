using System.Text.Json;
using Rundlet.Cli.Output.Templates;
using Rundlet.Linux;

namespace Rundlet.Cli.Tests.Output;

public sealed class TemplateTests
{
    private const string Document = """
        {
            "Id": "sha256:abc", "Name": "/web", "Args": ["-c", "echo <b>"], "Size": 1234567, "Share": 0.5, "Huge": 1e21, "Empty": "", "None": null, "Nothing": [],
            "State": { "Status": "running", "Pid": 17, "Running": true, "Paused": false },
            "Config": { "Env": ["PATH=/bin", "A=1"], "Image": "golang:1.0", "Labels": { "com.example.role": "front", "stage": "prod" } },
            "NetworkSettings": {
                "Networks": { "back": { "IPAddress": "10.1.0.2" }, "a": { "IPAddress": "10.0.0.2" } },
                "Ports": { "80/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "8080" }], "443/tcp": [{ "HostIp": "::", "HostPort": "8443" }] }
            }
        }
        """;

    // The first of each group are docker's own examples (its pages "Format command and log output" and "docker inspect").
    public static TheoryData<string, string> Rendered => new()
    {
        { "{{join .Args \" , \"}}", "-c , echo <b>" },
        { "{{json .State}}", "{\"Status\":\"running\",\"Pid\":17,\"Running\":true,\"Paused\":false}" },
        { "{{lower \"ABC\"}}{{upper .Name}}{{title \"my name\"}}", "abc/WEBMy Name" },
        { "{{split .Config.Image \":\"}}", "[golang 1.0]" },
        { "{{pad .Name 2 3}}|", "  /web   |" },
        { "{{truncate .Name 3}}", "/we" },
        { "{{range .NetworkSettings.Networks}}{{println .IPAddress}}{{end}}", "10.0.0.2\n10.1.0.2\n" },
        { "{{range $p, $conf := .NetworkSettings.Ports}} {{$p}} -> {{(index $conf 0).HostPort}} {{end}}", " 443/tcp -> 8443  80/tcp -> 8080 " },
        { "{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}}", "8080" },
        { "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "10.0.0.210.1.0.2" },
        { "{{index .Config.Labels \"com.example.role\"}}", "front" },

        { "plain", "plain" },
        { "", "" },
        { "{{.Id}} {{ .State.Pid }}", "sha256:abc 17" },
        { "{{.Args}} {{.Config.Labels}}", "[-c echo <b>] map[com.example.role:front stage:prod]" },
        { "{{.Size}} {{.Share}} {{.Huge}} {{.State.Running}}", "1234567 0.5 1e+21 true" },
        { "{{.None}}{{.Config.Labels.missing}}", "<no value><no value>" },
        { "{{json .Args}}{{json .None}}{{json .Name}}", "[\"-c\",\"echo <b>\"]null\"/web\"" },
        { "{{with .State}}{{.Status}} {{$.Name}}{{else}}none{{end}}", "running /web" },
        { "{{with .Empty}}x{{else with .Name}}{{.}}{{end}}", "/web" },
        { "{{if .State.Paused}}paused{{else if .State.Running}}up{{else}}down{{end}}", "up" },
        { "{{if and .State.Running (eq .State.Status \"running\") (not .State.Paused)}}yes{{end}}", "yes" },
        { "{{if or .Empty .None}}yes{{else}}no{{end}} {{or .Empty \"default\"}} {{and 1 0 2}}", "no default 0" },
        { "{{if and .None .None.Deeper}}never{{end}}", "" },
        { "{{range .Nothing}}x{{else}}none{{end}}", "none" },
        { "{{range $i, $e := .Config.Env}}{{if $i}}, {{end}}{{$i}}={{$e}}{{end}}", "0=PATH=/bin, 1=A=1" },
        { "{{range .Config.Env}}{{if eq . \"A=1\"}}{{break}}{{end}}{{.}}{{end}}", "PATH=/bin" },
        { "{{range .Config.Env}}{{if ne . \"A=1\"}}{{continue}}{{end}}{{.}}{{end}}", "A=1" },
        { "{{$n := 0}}{{range .Config.Env}}{{$n = len .}}{{end}}{{$n}}", "3" },
        { "{{$x := .Name}}{{with .State}}{{$x}}{{end}}", "/web" },
        { "{{len .Args}} {{len .Name}} {{len .Config.Labels}}", "2 4 2" },
        { "{{index .Args 1}} {{index .Config.Labels \"none\"}}|{{index .NetworkSettings.Ports \"1/tcp\"}}", "echo <b> |<no value>" },
        { "{{slice .Name 1}} {{slice .Name 1 3}} {{slice .Args 1}}", "web we [echo <b>]" },
        { "{{eq .State.Pid 17}} {{eq .State.Pid 1 2 17}} {{ne .Share 0.5}} {{lt 1 1.5}} {{ge \"b\" \"a\"}} {{eq .None nil}}", "true true false true true true" },
        { "{{print .Name 1 2 \"x\"}} {{print}}|{{println 1 \"a\"}}", "/web1 2x |1 a\n" },
        { "{{.Name | printf \"%s-%d\" \"x\" | len}}", "18" },
        { "{{.Args | len | printf \"%03d\"}}", "002" },
        { "{{printf \"%-6s|%6.2f|%x|%q|%t|%v|%%|%5d|%+d\" .Name .Share 255 \"a\\\"b\" true .Args 42 7}}", "/web  |  0.50|ff|\"a\\\"b\"|true|[-c echo <b>]|%|   42|+7" },
        { "{{printf \"%d %s\" \"x\"}} {{printf \"%d\" 1 \"y\"}}", "%!d(string=x) %!s(MISSING) 1%!(EXTRA string=y)" },
        { "a\n  {{- .Name -}}  \n b", "a/webb" },
        { "a{{/* said\n nothing */}}b {{- /* x */ -}} c", "abc" },
        { "{{\"\\n\"}}{{`\\n`}}{{\"\\t\\x41\\u00e9\"}}", "\n\\n\tAé" },
        { "{{.Name}}}} {", "/web}} {" },
        { "{{(.State).Pid}} {{((17))}}", "17 17" },
    };

    public static TheoryData<string, int, string, string?> Refused => new()
    {
        { "{{.Nmae}}", 3, "there is no member 'Nmae'", "did you mean '.Name'?" },
        { "{{.State.status}}", 9, "there is no member 'status'", "did you mean '.Status'?" },
        { "{{.ID}}", 3, "there is no member 'ID'", "did you mean '.Id'?" },
        { "{{.Xyzzy}}", 3, "there is no member 'Xyzzy'", "there are .Id, .Name" },
        { "{{.Name.First}}", 8, "string '/web' has no member 'First'", null },
        { "{{.None.First}}", 8, "there is no value that could have a member 'First'", null },
        { "{{jsn .}}", 3, "unknown function 'jsn'", "did you mean 'json'?" },
        { "{{Name}}", 3, "unknown function 'Name'", "a member has a dot before it: '.Name'" },
        { "{{.Name", 1, "the action has no end '}}'", null },
        { "{{}}", 1, "the action is empty", null },
        { "x{{\"abc}}", 4, "the string has no end '\"'", null },
        { "{{\"\\y\"}}", 5, "unknown escape", "\\n" },
        { "{{if .Name}}x", 3, "'if' has no '{{end}}'", null },
        { "x{{end}}", 4, "'end' without", null },
        { "{{if 1}}{{else}}{{else}}{{end}}", 19, "a second 'else'", null },
        { "{{range .Name}}{{end}}", 9, "cannot go through string '/web'", "'range' wants" },
        { "{{index .Args 7}}", 3, "there is no element 7 of 2", null },
        { "{{index .Nothing 0}}", 3, "there is no element 0 of 0", "test it first" },
        { "{{index .Args \"x\"}}", 3, "argument 2 must be a number, it is the string 'x'", null },
        { "{{join .Name \",\"}}", 3, "argument 1 must be a list", null },
        { "{{upper 1}}", 3, "argument 1 must be a string, it is of type int", null },
        { "{{len}}", 3, "wants 1 argument, has 0", null },
        { "{{eq 1 \"1\"}}", 3, "cannot compare int with string", null },
        { "{{$x}}", 3, "unknown variable '$x'", "set it before" },
        { "{{if 1}}{{$x := 1}}{{end}}{{$x}}", 29, "unknown variable '$x'", null },
        { "{{$x = 1}}", 3, "unknown variable '$x'", null },
        { "{{.Name .Id}}", 3, "member 'Name' takes no arguments", null },
        { "{{1 2}}", 5, "one value stands behind another", null },
        { "{{.Name | .Id}}", 11, "behind '|' stands a function", null },
        { "{{.Name |}}", 10, "behind '|' stands a function", null },
        { "{{(.Name}}", 3, "'(' has no ')'", null },
        { "{{.Name)}}", 8, "')' in place of '}}'", null },
        { "{{break}}", 3, "outside of a 'range'", null },
        { "{{define \"x\"}}{{end}}", 3, "'define' is not supported", null },
        { "{{.Name & 1}}", 9, "'&' has no meaning", null },
        { "{{1.2.3}}", 3, "'1.2.3' is not a number", null },
        { "{{printf \"%y\" 1}}", 3, "unknown directive '%y'", null },
        { "{{/* x }}", 1, "the comment has no end", null },
    };

    [Theory]
    [MemberData(nameof(Rendered))]
    public void A_template_says_what_docker_documents(string template, string expected)
    {
        using JsonDocument document = JsonDocument.Parse(Document);
        Assert.Equal(expected, Template.Parse(template).Render(JsonObject.ValueOf(document.RootElement)));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_wrong_is_told_with_its_place(string template, int character, string message, string? hint)
    {
        using JsonDocument document = JsonDocument.Parse(Document);
        ContainerException error = Assert.Throws<ContainerException>(() => Template.Parse(template).Render(JsonObject.ValueOf(document.RootElement)));
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        Assert.StartsWith($"format '{template}', character {character}: ", error.Message);
        Assert.Contains(message, error.Message);
        if (hint is not null)
            Assert.Contains(hint, error.Hint);
    }

    [Fact]
    public void Nesting_without_end_and_length_without_end_are_refused()
    {
        Assert.Contains("nested more than 100 deep", Assert.Throws<ContainerException>(() => Template.Parse("{{" + new string('(', 5000) + 1 + new string(')', 5000) + "}}")).Message);
        Assert.Contains("longer than 16384", Assert.Throws<ContainerException>(() => Template.Parse(new string('x', 20_000))).Message);
        string chain = "{{." + string.Join('.', Enumerable.Repeat("A", 8000)) + "}}";
        using JsonDocument document = JsonDocument.Parse("{}");
        Assert.Contains("no value", Assert.Throws<ContainerException>(() => Template.Parse(chain).Render(JsonObject.ValueOf(document.RootElement))).Message);
    }

    [Fact]
    public void Ten_thousand_random_templates_give_a_text_or_an_error_with_its_place()
    {
        string[] pieces =
        [
            "{{", "}}", "{{- ", " -}}", ".", ".Name", ".State", ".Args", ".None", ".Config.Labels", "$", "$x", ":=", "=", ",", "|", "(", ")", " ", " ", "if ", "else", "end", "{{end}}", "{{else}}", "with ", "range ", "break",
            "\"a\"", "`b`", "1", "-2", "0.5", "nil", "true", "/*", "*/", "\n", "é", "\ud83d", "x", "'", "%s", "\"%d %v\"", .. TemplateFunctions.Names,
        ];
        using JsonDocument document = JsonDocument.Parse(Document);
        using JsonDocument headings = JsonDocument.Parse("""{ "Name": "NAME", "State": "STATE", "Args": "ARGS", "None": "NONE", "Config": "CONFIG", "Labels": "LABELS" }""");
        object? value = JsonObject.ValueOf(document.RootElement);
        var heading = new JsonObject(headings.RootElement);
        var random = new Random(4);
        int rendered = 0;
        for (int i = 0; i < 10_000; i++)
        {
            string template = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (i % 2 == 0)
                template = $"{{{{{template}}}}}";
            try
            {
                Template parsed = Template.Parse(template);
                if (i % 3 == 0)
                    parsed.RenderHeadings(heading);
                parsed.Render(value);
                rendered++;
            }
            catch (ContainerException e)
            {
                Assert.Equal(ContainerErrorKind.InvalidArgument, e.Kind);
                Assert.Matches(@"character \d+: ", e.Message);
            }
        }
        Assert.InRange(rendered, 500, 9_500);
    }
}
