using Rundlet.Linux.Labels;

namespace Rundlet.Linux.Tests.Labels;

public sealed class SelinuxContextsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-selinux-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_words_are_those_of_the_policy_that_the_machine_runs()
    {
        Write("config", "# SELINUXTYPE=other\nSELINUX=permissive\nSELINUXTYPE=mine\n");
        Write("mine/contexts/lxc_contexts", "process = \"system_u:system_r:box_t:s0\"\ncontent=\"x\"\n\nfile = \"system_u:object_r:box_file_t:s0\"\nro_file=\"system_u:object_r:box_ro_t:s0\"\n");
        SelinuxContexts contexts = SelinuxContexts.Read(_folder, _ => true)!;
        Assert.Equal(("system_u:system_r:box_t:s0", "system_u:object_r:box_file_t:s0", "system_u:object_r:box_ro_t:s0"), (contexts.Process.ToString(), contexts.File.ToString(), contexts.ReadOnlyFile.ToString()));
    }

    [Fact]
    public void Without_a_word_for_layers_they_are_files_like_others()
    {
        Write("targeted/contexts/lxc_contexts", "process = \"u:r:box_t\"\nfile = \"u:object_r:box_file_t\"\n");
        Assert.Equal("u:object_r:box_file_t", SelinuxContexts.Read(_folder, _ => true)!.ReadOnlyFile.ToString());
    }

    [Theory]
    [InlineData("process = \"u:r:box_t\"\n")]
    [InlineData("process = \"box_t\"\nfile = \"u:object_r:box_file_t\"\n")]
    [InlineData("process = \"u:r:gone_t:s0\"\nfile = \"u:object_r:box_file_t:s0\"\n")]
    [InlineData(null)]
    public void A_policy_that_does_not_know_containers_has_no_words_for_them(string? text)
    {
        if (text is not null)
            Write("targeted/contexts/lxc_contexts", text);
        Assert.Null(SelinuxContexts.Read(_folder, label => !label.Contains("gone_t", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_level_may_hold_colons()
    {
        SelinuxLabel label = SelinuxLabel.TryParse("u:r:t:s0-s0:c0.c1023\0")!;
        Assert.Equal("s0-s0:c0.c1023", label.Level);
        Assert.Null(SelinuxLabel.TryParse("u::t:s0"));
    }

    private void Write(string name, string text)
    {
        string path = $"{_folder}/{name}";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
