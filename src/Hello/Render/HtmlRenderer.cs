using System.Net;
using System.Text;
using Rundlet.Hello.Report;

namespace Rundlet.Hello.Render;

/// <summary>The report as one page that needs nothing else: style inside, no script, light and dark by the reader's preference.</summary>
internal static class HtmlRenderer
{
    private const string Style =
        """
        :root{color-scheme:light dark;--bg:#f6f5f1;--card:#fff;--ink:#22201c;--soft:#6d675c;--line:#e4e0d6;--accent:#9a5b1e;--chip:#f1ece1}
        @media(prefers-color-scheme:dark){:root{--bg:#171614;--card:#201e1b;--ink:#ece7dc;--soft:#9d968a;--line:#34302a;--accent:#e0a561;--chip:#2c2823}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
        main{max-width:72rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
        header p{margin:.25rem 0 0;color:var(--soft)}
        h1{margin:0;font-size:1.9rem;letter-spacing:-.02em}
        h1 b{color:var(--accent)}
        h2{margin:0 0 .75rem;font-size:1.05rem}
        h3{margin:1.1rem 0 .4rem;font-size:.8rem;color:var(--soft);font-weight:600}
        a{color:var(--accent)}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.75rem;margin:1.75rem 0}
        .tiles div,section{background:var(--card);border:1px solid var(--line);border-radius:.75rem}
        .tiles div{padding:.8rem 1rem}
        .tiles span{display:block;color:var(--soft);font-size:.8rem}
        .tiles strong{font-size:1.15rem;overflow-wrap:anywhere}
        .grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem;align-items:start}
        section{padding:1.1rem 1.25rem;min-width:0}
        section.wide{grid-column:1/-1}
        dl{display:grid;grid-template-columns:minmax(7rem,11rem) 1fr;gap:.35rem 1rem;margin:0}
        dt{color:var(--soft)}
        dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
        .chip{display:inline-block;margin:0 .3rem .3rem 0;padding:0 .5rem;border-radius:.4rem;background:var(--chip);font:.8rem/1.6 ui-monospace,monospace}
        .none{color:var(--soft);font-style:italic}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:.85rem}
        th{text-align:left;color:var(--soft);font-weight:600}
        th,td{padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
        td{font-family:ui-monospace,monospace;font-size:.8rem}
        tr:last-child td{border-bottom:0}
        """;

    // What a reader wants to know first: section, fact, caption.
    private static readonly (string Section, string Fact, string Caption)[] Tiles =
    [
        ("identity", "pid", "process id"),
        ("cgroup", "memoryLimit", "memory limit"),
        ("cgroup", "memoryUsage", "memory used"),
        ("cgroup", "cpuLimit", "cpu limit"),
        ("cgroup", "pidsLimit", "process limit"),
        ("security", "seccomp", "seccomp"),
        ("security", "readOnlyRoot", "read-only root"),
    ];

    public static string Render(ContainerReport report)
    {
        var page = new StringBuilder();
        string host = Escape(report.HostName);
        page.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
            .Append("<title>Hello from ").Append(host).Append("</title><style>").Append(Style)
            .Append("</style></head>\n<body><main><header><h1>Hello from <b>")
            .Append(host).Append("</b></h1><p>What this container sees of its own isolation. ")
            .Append("Also as <a href=\"/json\">JSON</a>.</p></header>\n<div class=\"tiles\">");
        foreach ((string section, string fact, string caption) in Tiles)
        {
            if (report.Find(section, fact) is { } value)
                page.Append("<div><span>").Append(caption).Append("</span><strong>").Append(Escape(value)).Append("</strong></div>");
        }
        page.Append("</div>\n<div class=\"grid\">\n");
        foreach (Section section in report.Sections)
            Append(page, section);
        return page.Append("</div></main></body></html>\n").ToString();
    }

    private static void Append(StringBuilder page, Section section)
    {
        page.Append(section.Tables.Count > 0 ? "<section class=\"wide\">" : "<section>").Append("<h2>").Append(Escape(section.Title)).Append("</h2>");
        if (section.Facts.Count > 0)
        {
            page.Append("<dl>");
            foreach (Fact fact in section.Facts)
            {
                page.Append("<dt>").Append(Escape(fact.Label)).Append("</dt><dd>");
                Append(page, fact.Value);
                page.Append("</dd>");
            }
            page.Append("</dl>");
        }
        foreach (Table table in section.Tables)
            Append(page, table);
        page.Append("</section>\n");
    }

    private static void Append(StringBuilder page, FactValue value)
    {
        if (value is FactValue.List { Items.Count: > 0 } list)
        {
            foreach (string item in list.Items)
                page.Append("<span class=\"chip\">").Append(Escape(item)).Append("</span>");
        }
        else if (value is FactValue.Missing or FactValue.List)
            page.Append("<span class=\"none\">").Append(Escape(value.Display)).Append("</span>");
        else
            page.Append(Escape(value.Display));
    }

    private static void Append(StringBuilder page, Table table)
    {
        if (table.Title.Length > 0)
            page.Append("<h3>").Append(Escape(table.Title)).Append("</h3>");
        if (table.Rows.Count == 0)
        {
            page.Append("<span class=\"none\">").Append(Escape(table.WhenEmpty)).Append("</span>");
            return;
        }
        page.Append("<div class=\"scroll\"><table><thead><tr>");
        foreach (string column in table.Columns)
            page.Append("<th>").Append(Escape(column)).Append("</th>");
        page.Append("</tr></thead><tbody>");
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            page.Append("<tr>");
            foreach (string cell in row)
                page.Append("<td>").Append(Escape(cell)).Append("</td>");
            page.Append("</tr>");
        }
        page.Append("</tbody></table></div>");
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
