using System.Diagnostics;
using System.Globalization;
using Rundlet.Linux.Seccomp;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Syscalls;

// bench-seccomp CONFIG FOLDER: microseconds of one run in a new process, as runcs is one: reading the spec, compiling its filter, and,
// where FOLDER has it from the run before, taking the kept one in place of that. Then the number of instructions.
byte[] config = File.ReadAllBytes(args[0]);
long start = Stopwatch.GetTimestamp();
Spec spec = SpecReader.Read(config);
double read = Microseconds(start);

start = Stopwatch.GetTimestamp();
byte[] filter = SeccompPlan.Compile(spec.Linux!.Seccomp, new FilterCache(args[1], Sys.geteuid()), out _, out bool kept)!;
double compiled = Microseconds(start);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(kept ? "kept" : "compiled")} {read:f1} {compiled:f1} {filter.Length / 8}"));

static double Microseconds(long start) => Stopwatch.GetElapsedTime(start).TotalNanoseconds / 1000;
