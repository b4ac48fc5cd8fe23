using System.Diagnostics;
using System.Globalization;
using System.Text;
using Rundlet.Linux.Capabilities;
using Rundlet.Linux.Seccomp;

namespace Rundlet.Linux.Tests.Seccomp;

/// <summary>The compiler and the table of numbers against libseccomp, and the result against the kernel.</summary>
public sealed class LibseccompTests : IDisposable
{
    private const string Exporter = """
        #include <seccomp.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        static const uint32_t archs[] = {SCMP_ARCH_X86_64, SCMP_ARCH_X32, SCMP_ARCH_X86, SCMP_ARCH_AARCH64, SCMP_ARCH_ARM};
        int main(int argc, char **argv) {
            if (argc > 1 && !strcmp(argv[1], "names")) {
                for (int a = 0; a < 5; a++)
                    for (unsigned n = 0; n < 0xf0010; n = n == 1023 ? 0xf0000 : n + 1) {
                        char *name = seccomp_syscall_resolve_num_arch(archs[a], n + (a == 1 ? 0x40000000 : 0));
                        if (name) printf("%d %u %s\n", a, n, name);
                        free(name);
                    }
                return 0;
            }
            scmp_filter_ctx ctx = NULL;
            char kind; unsigned action;
            while (scanf(" %c %x", &kind, &action) == 2) {
                if (kind == 'D') {
                    ctx = seccomp_init(action);
                    seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
                } else if (kind == 'A') {
                    seccomp_arch_add(ctx, archs[action]);
                } else {
                    char name[64]; int count; struct scmp_arg_cmp args[6]; int twice = 0;
                    if (scanf("%63s %d", name, &count) != 2) return 2;
                    for (int i = 0; i < count; i++) {
                        unsigned long long a, b; unsigned index, op;
                        if (scanf("%u %u %llx %llx", &index, &op, &a, &b) != 4) return 3;
                        args[i] = (struct scmp_arg_cmp){index, op + 1, a, b};
                        for (int j = 0; j < i; j++) twice |= args[j].arg == index;
                    }
                    int nr = seccomp_syscall_resolve_name(name);
                    if (nr == __NR_SCMP_ERROR) continue;
                    for (int i = 0; i < (twice ? count : 1); i++) {
                        int rc = seccomp_rule_add_array(ctx, action, nr, twice ? 1 : count, twice ? args + i : args);
                        if (rc) { fprintf(stderr, "rule for %s: %s\n", name, strerror(-rc)); return 4; }
                    }
                }
            }
            return seccomp_export_bpf(ctx, 1) ? 5 : 0;
        }
        """;

    private const string Loader = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <stdio.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        int main(void) {
            static struct sock_filter filter[4096];
            size_t count = fread(filter, sizeof *filter, 4096, stdin);
            struct sock_fprog program = {count, filter};
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) return 2;
            int clone3 = syscall(SYS_clone3, 0, 0) < 0 ? errno : 0;
            int mount = syscall(SYS_mount, 0, 0, 0, 0, 0) < 0 ? errno : 0;
            int alg = syscall(SYS_socket, 38, 5, 0) < 0 ? errno : 0;
            int future = syscall(900, 0) < 0 ? errno : 0;
            printf("%d %d %d %d\n", clone3, mount, alg, future);
            return 0;
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-seccomp-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_number_that_libseccomp_knows_is_in_the_table_and_the_same()
    {
        string program = Build(Exporter, "-lseccomp");
        int[] numbers = new int[SyscallTable.Columns];
        int compared = 0;
        foreach (string line in KnownTo(program))
        {
            string[] words = line.Split(' ');
            Assert.True(SyscallTable.TryFind(words[2], numbers), $"'{words[2]}' is not in the table");
            Assert.True(numbers[int.Parse(words[0])] == int.Parse(words[1]), $"{line}, the table says {numbers[int.Parse(words[0])]}");
            compared++;
        }
        Assert.True(compared > 1500);
    }

    [Fact]
    public void The_table_is_sorted_and_every_name_is_found()
    {
        string[] names = [.. SyscallTable.Names()];
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        int[] numbers = new int[SyscallTable.Columns];
        Assert.All(names, name => Assert.True(SyscallTable.TryFind(name, numbers)));
        Assert.All(names, name => Assert.False(SyscallTable.TryFind(name + "x", numbers) && !names.Contains(name + "x")));
        Assert.False(SyscallTable.TryFind("", numbers));
        Assert.False(SyscallTable.TryFind("0", numbers));
        Assert.False(SyscallTable.TryFind("zzz", numbers));
        Assert.False(SyscallTable.TryFind("read 0", numbers)); // as a line starts
        Assert.False(SyscallTable.TryFind(new string('x', 100_000), numbers));
    }

    [Fact]
    public void The_index_of_the_table_is_what_its_rows_give()
    {
        ushort[] expected = SyscallTable.ExpectedIndex();
        if (expected.AsSpan().SequenceEqual(SyscallTable.ActualIndex()))
            return;
        string file = Path.Combine(Path.GetTempPath(), "rundlet-syscall-index.txt");
        File.WriteAllText(file, SyscallTable.IndexText(expected));
        Assert.Fail($"the rows have changed: put the lines of {file} into SyscallTable.Index.cs");
    }

    [Theory]
    [InlineData("unistd_64.h", 0)]
    [InlineData("unistd_x32.h", 1)]
    [InlineData("unistd_32.h", 2)]
    public void Every_number_of_the_kernel_headers_is_in_the_table_and_the_same(string header, int column)
    {
        string path = $"/usr/include/x86_64-linux-gnu/asm/{header}";
        if (!File.Exists(path))
            Assert.Skip($"no {path}");
        int[] numbers = new int[SyscallTable.Columns];
        foreach (string line in File.ReadAllLines(path))
        {
            string[] words = line.Replace("(__X32_SYSCALL_BIT + ", "").Replace(")", "").Split(' ');
            if (words is ["#define", var name, var number] && name.StartsWith("__NR_", StringComparison.Ordinal))
            {
                Assert.True(SyscallTable.TryFind(name.AsSpan(5), numbers), name);
                Assert.Equal(int.Parse(number), numbers[column]);
            }
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void Programs_of_libseccomp_answer_the_same(int seed)
    {
        string exporter = Build(Exporter, "-lseccomp");
        string[] names = [.. KnownTo(exporter).Select(line => line.Split(' ')[2]).Distinct()];
        var random = new Random(seed);
        for (int round = 0; round < 12; round++)
        {
            SeccompProfile profile = ComparableProfile(random, names);
            byte[] theirs = Run(exporter, Describe(profile));
            byte[] ours = SeccompCompiler.Compile(profile, SeccompArchitecture.X86_64).Filter;
            Compare(profile, ours, theirs, random);
        }
    }

    [Fact]
    public void Default_profile_answers_as_libseccomp_would()
    {
        string exporter = Build(Exporter, "-lseccomp");
        HashSet<string> known = [.. KnownTo(exporter).Select(line => line.Split(' ')[2])];
        SeccompProfile whole = DefaultSeccompProfile.For(CapabilitySet.None.With(19), SeccompArchitecture.X86_64);
        // Without what libseccomp is too old for, and without sockets: there it lets socketcall(2) past the conditions.
        var profile = new SeccompProfile
        {
            DefaultAction = whole.DefaultAction,
            Architectures = whole.Architectures,
            Rules = [.. whole.Rules.Select(rule => new SeccompRule
            {
                Names = [.. rule.Names.Where(name => known.Contains(name) && name != "socket")],
                Action = rule.Action,
                ErrnoReturn = rule.ErrnoReturn,
                Arguments = rule.Arguments,
            })],
        };
        Compare(profile, SeccompCompiler.Compile(profile, SeccompArchitecture.X86_64).Filter, Run(exporter, Describe(profile)), new Random(3));
    }

    [Fact]
    public void The_kernel_takes_the_default_profile_and_does_what_it_says()
    {
        string loader = Build(Loader);
        SeccompProgram program = SeccompCompiler.Compile(DefaultSeccompProfile.For(CapabilitySet.None, SeccompCompiler.NativeArchitecture));
        Assert.Equal("38 1 1 38\n", Encoding.ASCII.GetString(Run(loader, program.Filter)));
    }

    private static void Compare(SeccompProfile profile, byte[] ours, byte[] theirs, Random random)
    {
        ulong[] arguments = new ulong[6];
        foreach (SeccompArchitecture architecture in Enum.GetValues<SeccompArchitecture>())
        {
            bool narrow = architecture is not (SeccompArchitecture.X86_64 or SeccompArchitecture.Aarch64);
            for (uint number = 0; number < 1024; number++)
            {
                // Calls with rules are asked for with many arguments.
                for (int again = 0; again < 3; again++)
                {
                    for (int i = 0; i < 6; i++)
                        arguments[i] = RandomProfiles.Value(random) & (narrow ? uint.MaxValue : ulong.MaxValue);
                    // libseccomp looks for the selector with any first argument; small ones hit it.
                    if (narrow && number is 102 or 117)
                        arguments[0] = (ulong)random.Next(30);
                    uint whole = architecture == SeccompArchitecture.X32 ? number | 0x4000_0000 : number;
                    uint answer = BpfInterpreter.Run(ours, ProfileMeaning.MarkOf(architecture), whole, arguments);
                    uint other = BpfInterpreter.Run(theirs, ProfileMeaning.MarkOf(architecture), whole, arguments);
                    if (answer == 0x5_0026)
                        continue; // beyond the profile: libseccomp leaves this to runc, the other tests look at it
                    Assert.True(answer == other, $"{architecture} {number} ({string.Join(' ', arguments.Select(one => one.ToString("x")))}): 0x{answer:x}, libseccomp 0x{other:x}, default {profile.DefaultAction}");
                }
            }
        }
    }

    /// <summary>
    /// Where both give a profile the same meaning: no call in rules that contradict each other, and not several rules
    /// with several conditions each, for which libseccomp 2.5 merges its trees wrongly (here <see cref="ProfileMeaning"/> judges).
    /// </summary>
    private static SeccompProfile ComparableProfile(Random random, string[] known)
    {
        var names = new Queue<string>(known.OrderBy(_ => random.Next()));
        var rules = new List<SeccompRule>();
        SeccompAction byDefault = (SeccompAction)random.Next(0, 7);
        for (int i = random.Next(5, 40); i > 0; i--)
        {
            SeccompAction action;
            do
                action = (SeccompAction)random.Next(0, 7);
            while (action == byDefault);
            var some = new List<string>();
            for (int j = random.Next(1, 12); j > 0 && names.Count > 0; j--)
                some.Add(names.Dequeue());
            int alternatives = random.Next(3) == 0 ? random.Next(1, 4) : 0;
            if (alternatives == 0)
                rules.Add(new SeccompRule { Names = some, Action = action });
            some.RemoveAll(name => MultiplexedCall.Find(name).Number != 0);
            for (int j = 0; j < alternatives; j++)
                rules.Add(new SeccompRule { Names = some, Action = action, Arguments = Conditions(random, alternatives == 1 ? random.Next(1, 4) : 1) });
        }
        return new SeccompProfile
        {
            DefaultAction = byDefault,
            Rules = rules,
            Architectures = Enum.GetValues<SeccompArchitecture>().Where(_ => random.Next(2) == 0).ToArray(),
        };
    }

    private static List<SeccompArgument> Conditions(Random random, int count)
    {
        var conditions = new List<SeccompArgument>();
        for (int i = count; i > 0; i--)
        {
            ulong value = RandomProfiles.Value(random) & uint.MaxValue;
            conditions.Add(new SeccompArgument((uint)random.Next(6), value, RandomProfiles.Value(random) & value, (SeccompOperator)random.Next(7)));
        }
        return conditions;
    }

    private static string Describe(SeccompProfile profile)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"D {ProfileMeaning.Answer(profile.DefaultAction, profile.DefaultErrnoReturn):x}\n");
        foreach (SeccompArchitecture architecture in profile.Architectures)
            text.Append(CultureInfo.InvariantCulture, $"A {(int)architecture:x}\n");
        foreach (SeccompRule rule in profile.Rules)
        {
            foreach (string name in rule.Names)
            {
                text.Append(CultureInfo.InvariantCulture, $"R {ProfileMeaning.Answer(rule.Action, rule.ErrnoReturn):x} {name} {rule.Arguments.Count}");
                foreach (SeccompArgument argument in rule.Arguments)
                    text.Append(CultureInfo.InvariantCulture, $" {argument.Index} {(int)argument.Operator} {argument.Value:x} {argument.ValueTwo:x}");
                text.Append('\n');
            }
        }
        return text.ToString();
    }

    /// <summary>Lines of architecture, number and name.</summary>
    private static string[] KnownTo(string exporter) =>
        Encoding.ASCII.GetString(Run(exporter, "", "names")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private string Build(string source, params string[] libraries)
    {
        if (!File.Exists("/usr/bin/gcc"))
            Assert.Skip("no C compiler (gcc)");
        if (libraries.Length > 0 && !File.Exists("/usr/include/seccomp.h"))
            Assert.Skip("no libseccomp headers (libseccomp-dev)");
        string c = Path.Combine(_folder, "program.c"), program = Path.Combine(_folder, "program");
        File.WriteAllText(c, source);
        Run("gcc", "", ["-O1", "-o", program, c, .. libraries]);
        return program;
    }

    private static byte[] Run(string program, string input, params string[] arguments) => Run(program, Encoding.ASCII.GetBytes(input), arguments);

    private static byte[] Run(string program, byte[] input, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {errors.Result}");
        return output.ToArray();
    }
}
