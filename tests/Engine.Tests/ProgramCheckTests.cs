using System.Buffers.Binary;
using System.Text;
using Rundlet.Engine.Diagnosis;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Tests;

public sealed class ProgramCheckTests : IDisposable
{
    private const ushort Amd64 = 62, Arm64 = 183;
    private const string ThisMachine = "amd64";

    private readonly string _root = Directory.CreateTempSubdirectory("rundlet-check-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_program_that_is_not_there_has_near_names()
    {
        Put("usr/bin/python3", Elf(Amd64));
        Put("bin/sh", Elf(Amd64));
        Assert.Equal(new Finding("no program 'pyhton3' in the PATH of the image (/bin:/usr/bin)", "did you mean 'python3'?"), Check("pyhton3"));
        Assert.Equal(new Finding("there is no file '/usr/bin/pyton3' in the image", "did you mean '/usr/bin/python3'?"), Check("/usr/bin/pyton3"));
        Assert.Equal(new Finding("there is no file '/usr/local/bin/sh' in the image", "did you mean '/bin/sh'?"), Check("/usr/local/bin/sh"));
        Assert.Equal("there is no file './tool' in the image", Check("./tool")!.Text);
        Assert.Equal("no program was named", Check("")!.Text);
        Assert.Contains("'/data', where something is mounted", Check("/data/tool", "/data")!.Text);
        Assert.Null(Check("sh"));
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_seen()
    {
        Put("bin/sh", Elf(Amd64));
        File.CreateSymbolicLink($"{_root}/bin/circle", "circle");
        File.CreateSymbolicLink($"{_root}/bin/java", "/opt/java/bin/java");
        foreach (string name in (string[])["circle", "/bin/circle", "java", "/bin/java"])
            Assert.Equal(new Finding($"'/bin/{name.Split('/')[^1]}' is a symbolic link that leads nowhere", "let it lead to a program in the image"), Check(name));
    }

    [Fact]
    public void An_image_without_programs_is_said()
    {
        Assert.Contains("has no programs there", Check("sh")!.Hint);
    }

    [Fact]
    public void A_file_that_cannot_be_executed_is_seen()
    {
        Put("bin/text", "not executable"u8.ToArray(), isProgram: false);
        Put("bin/empty", []);
        Put("bin/odd", "neither this nor that"u8.ToArray());
        Directory.CreateDirectory($"{_root}/bin/folder");
        Assert.Equal(new Finding("'/bin/text' is not executable", "chmod +x /bin/text in the image"), Check("/bin/text"));
        Assert.Equal(new Finding("'/bin/text' is not executable", "chmod +x /bin/text in the image"), Check("text"));
        Assert.Equal("'/bin/empty' is empty", Check("empty")!.Text);
        Assert.Equal("'/bin/odd' is neither a program nor a script with a #! line", Check("odd")!.Text);
        Assert.Equal("'/bin/folder' is a folder", Check("/bin/folder")!.Text);
    }

    [Fact]
    public void An_interpreter_that_is_missing_is_named()
    {
        Put("bin/sh", Elf(Amd64));
        Put("usr/bin/env", Elf(Amd64));
        Put("bin/a", "#!/bin/bash\necho\n"u8.ToArray());
        Put("bin/b", "#!/bin/sh\r\necho\r\n"u8.ToArray());
        Put("bin/c", "#!/usr/bin/env node\n"u8.ToArray());
        Put("bin/d", "#! /bin/sh -e\n"u8.ToArray());
        Put("bin/e", "#!\n"u8.ToArray());
        Assert.Equal("the interpreter '/bin/bash' of '/bin/a' is not in the image", Check("a")!.Text);
        Assert.Contains("as lines do on Windows", Check("b")!.Text);
        Assert.Equal("the interpreter 'node' of '/bin/c' is not in the PATH of the image", Check("c")!.Text);
        Assert.Null(Check("d"));
        Assert.Equal("the first line of '/bin/e' names no interpreter", Check("e")!.Text);
    }

    [Fact]
    public void A_program_for_another_machine_and_one_without_its_loader_are_seen()
    {
        Put("bin/other", Elf(Arm64));
        Put("bin/musl", Elf(Amd64, interpreter: "/lib/ld-musl-x86_64.so.1"));
        Assert.Equal(new Finding($"'/bin/other' is for arm64, and this machine is {ThisMachine}", $"use an image for it: --platform linux/{ThisMachine}, or have binfmt_misc run it by qemu-user"), Check("other"));
        Assert.Equal("the loader '/lib/ld-musl-x86_64.so.1' of '/bin/musl' is not in the image", Check("musl")!.Text);
        Assert.Contains("musl (Alpine)", Check("musl")!.Hint);
    }

    [Fact]
    public void A_library_that_is_missing_is_named_with_who_wants_it()
    {
        Put("lib64/ld.so", Elf(Amd64));
        Put("bin/tool", Elf(Amd64, "/lib64/ld.so", "libone.so", "libtwo.so"));
        Put("usr/lib/x86_64-linux-gnu/libone.so", Elf(Amd64, null, "libthree.so"));
        Put("opt/own/libtwo.so", Elf(Amd64));
        Assert.Contains("'/bin/tool' wants 'libtwo.so'", Check("tool")!.Text);
        Put("etc/ld.so.conf.d/own.conf", "# ours\n/opt/own\n"u8.ToArray(), isProgram: false);
        Assert.Contains("'/usr/lib/x86_64-linux-gnu/libone.so' wants 'libthree.so'", Check("tool")!.Text);
        Put("lib/libthree.so", Elf(Amd64, null, "libone.so"));
        Assert.Null(Check("tool"));
    }

    [Fact]
    public void Links_stay_beneath_the_root_and_nothing_else_than_a_file_is_opened()
    {
        Directory.CreateDirectory($"{_root}/bin");
        File.CreateSymbolicLink($"{_root}/bin/out", "../../../../../../../../../../../../bin/sh");
        File.CreateSymbolicLink($"{_root}/bin/round", "round");
        Assert.Equal(0, Sys.mknodat(Sys.AT_FDCWD, $"{_root}/bin/pipe", S.IFIFO | 0x1ED, 0));
        Assert.Contains("no program 'out'", Check("nothing-like-out")!.Text.Replace("nothing-like-out", "out"));
        Assert.Equal("'/bin/out' is a symbolic link that leads nowhere", Check("/bin/out")!.Text);
        Assert.Equal("'/bin/round' is a symbolic link that leads nowhere", Check("/bin/round")!.Text);
        Assert.Equal("'/bin/pipe' is not a file", Check("/bin/pipe")!.Text);
    }

    [Fact]
    public void Any_bytes_behind_the_magic_are_read_without_an_exception()
    {
        Random random = new(5);
        byte[] model = Elf(Amd64, "/lib64/ld.so", "libone.so");
        for (int round = 0; round < 600; round++)
        {
            byte[] bytes = [.. model];
            for (int i = random.Next(1, 12); i > 0; i--)
                bytes[random.Next(4, random.Next(2) == 0 ? 64 : bytes.Length)] = (byte)random.Next(256);
            Put("bin/tool", bytes[..(random.Next(4) == 0 ? random.Next(4, bytes.Length) : bytes.Length)]);
            _ = Check("tool");
        }
    }

    private Finding? Check(string program, params string[] mounts)
    {
        using OwnedFd root = FileIo.Open(Sys.AT_FDCWD, _root, O.PATH | O.DIRECTORY);
        return new ProgramCheck(new RootFiles(root), new Process { Args = [program], Cwd = "/", Env = ["PATH=/bin:/usr/bin"] }, mounts).Run();
    }

    private void Put(string path, byte[] bytes, bool isProgram = true)
    {
        string file = $"{_root}/{path}";
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
        File.SetUnixFileMode(file, (UnixFileMode)(isProgram ? 0x1ED : 0x1A4));
    }

    // A file with the headers that count: one segment over all of it, the interpreter and the dynamic table.
    private static byte[] Elf(ushort machine, string? interpreter = null, params string[] needed)
    {
        const int Headers = 64, Size = 56, Strings = 1024, Table = 2048;
        byte[] file = new byte[4096];
        "\x7f"u8.CopyTo(file);
        "ELF"u8.CopyTo(file.AsSpan(1));
        (file[4], file[5]) = (2, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), machine);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(32), Headers);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), Size);
        int count = 0;
        void Segment(uint type, long offset, long length)
        {
            Span<byte> entry = file.AsSpan(Headers + Size * count++, Size);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, type);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], offset);
            BinaryPrimitives.WriteInt64LittleEndian(entry[16..], 0x400000 + offset);
            BinaryPrimitives.WriteInt64LittleEndian(entry[32..], length);
        }
        Segment(1, 0, file.Length);
        int at = Strings + 1;
        int Text(string text)
        {
            int start = at;
            at += Encoding.ASCII.GetBytes(text, file.AsSpan(at)) + 1;
            return start;
        }
        if (interpreter is not null)
            Segment(3, Text(interpreter), interpreter.Length + 1);
        int row = Table;
        void Entry(ulong tag, long value)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(row), tag);
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(row + 8), value);
            row += 16;
        }
        foreach (string library in needed)
            Entry(1, Text(library) - Strings);
        Entry(5, 0x400000 + Strings);
        Segment(2, Table, row - Table);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), (ushort)count);
        return file;
    }
}
