using System.Globalization;
using Rundlet.Torture.Chaos;

namespace Rundlet.Torture;

/// <summary><c>torture RUNTIME fuzz N SEED EACH | crash CYCLES SEED | points EVERY</c>, and <c>torture RUNDLET chaos ROUNDS SEED | soak MINUTES 0</c></summary>
internal static class Program
{
    private static int Main(string[] words)
    {
        if (words.Length < 3)
        {
            Console.Error.WriteLine("usage: torture RUNTIME fuzz DOCUMENTS SEED EACH | RUNTIME crash CYCLES SEED | RUNTIME points EVERY | RUNDLET chaos ROUNDS SEED | RUNDLET soak MINUTES 0");
            return 2;
        }
        Sandbox sandbox = Sandbox.Enter();
        RuntimeCommands runtime = new(words[0]);
        try
        {
            return words[1] switch
            {
                "fuzz" => new FuzzCampaign(sandbox, runtime, Number(words, 3)).Run(Number(words, 2), Number(words, 4)),
                "crash" => new CrashCampaign(sandbox, runtime, Number(words, 3)).Run(Number(words, 2)),
                "chaos" => new ChaosCampaign(new EngineRoom(words[0]), Number(words, 3)).Run(Number(words, 2)),
                "soak" => new SoakCampaign(new EngineRoom(words[0])).Run(Number(words, 2)),
                "points" => new KillPoints(sandbox, runtime).Run(Number(words, 2)),
                _ => 2,
            };
        }
        finally
        {
            sandbox.Leave();
        }
    }

    private static int Number(string[] words, int index) => int.Parse(words[index], CultureInfo.InvariantCulture);
}
