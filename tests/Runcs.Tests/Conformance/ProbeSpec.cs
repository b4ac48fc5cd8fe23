using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

/// <summary>Parts of a spec that only probes write.</summary>
internal static class ProbeSpec
{
    /// <summary>Adds a hook.</summary>
    public static TestContainer Hook(this TestContainer container, string stage, string path, params string[] args)
    {
        if (container.Spec["hooks"] is not JsonObject hooks)
            container.Spec["hooks"] = hooks = [];
        hooks[stage] = new JsonArray(new JsonObject { ["path"] = path, ["args"] = TestContainer.Texts(args), ["env"] = TestContainer.Texts("PATH=/usr/sbin:/usr/bin:/sbin:/bin") });
        return container;
    }
}
