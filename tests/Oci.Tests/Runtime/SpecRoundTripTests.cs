using System.Text;
using System.Text.Json;

namespace Rundlet.Oci.Tests.Runtime;

public sealed class SpecRoundTripTests
{
    private const int Rounds = 500;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_written_is_read_back_the_same(bool indented)
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            Spec spec = Model.Random<Spec>(new Random(seed));

            byte[] text = SpecWriter.ToBytes(spec, indented);

            Assert.True(Model.Difference(spec, SpecReader.Read(text)) is null, $"seed {seed}: {Model.Difference(spec, SpecReader.Read(text))}");
        }
    }

    [Fact]
    public void The_two_codecs_agree_on_random_specs()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            Spec spec = Model.Random<Spec>(new Random(seed));

            Spec? ours = JsonSerializer.Deserialize(SpecWriter.ToBytes(spec), SecondCodec.Instance.Spec);
            Spec theirs = SpecReader.Read(JsonSerializer.SerializeToUtf8Bytes(spec, SecondCodec.Instance.Spec));

            Assert.True(Model.Difference(spec, ours) is null, $"seed {seed}, written by ours: {Model.Difference(spec, ours)}");
            Assert.True(Model.Difference(spec, theirs) is null, $"seed {seed}, read by ours: {Model.Difference(spec, theirs)}");
        }
    }

    [Fact]
    public void The_two_codecs_agree_on_the_examples()
    {
        foreach (byte[] example in new[] { Examples.Shell, Examples.Everything })
            Assert.Null(Model.Difference(JsonSerializer.Deserialize(example, SecondCodec.Instance.Spec), SpecReader.Read(example)));
    }

    [Fact]
    public void A_process_and_resources_go_around_alone()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            Process process = Model.Random<Process>(random);
            Resources resources = Model.Random<Resources>(random);

            Assert.Null(Model.Difference(process, SpecReader.ReadProcess(SpecWriter.ToBytes(process))));
            Assert.Null(Model.Difference(resources, SpecReader.ReadResources(SpecWriter.ToBytes(resources))));
        }
    }

    [Fact]
    public void A_state_goes_around_and_the_two_codecs_agree()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            ContainerState state = Model.Random<ContainerState>(new Random(seed));
            byte[] text = SpecWriter.ToBytes(state);

            Assert.Null(Model.Difference(state, SpecReader.ReadState(text)));
            Assert.Null(Model.Difference(state, JsonSerializer.Deserialize(text, SecondCodec.Instance.ContainerState)));
        }
    }

    [Fact]
    public void A_state_is_written_as_hooks_expect_it()
    {
        var state = new ContainerState
        {
            OciVersion = "1.3.0",
            Id = "web",
            Status = "created",
            Pid = 4422,
            Bundle = "/bundles/web",
            Annotations = new() { ["a"] = "b" },
        };

        Assert.Equal(
            """{"ociVersion":"1.3.0","id":"web","status":"created","pid":4422,"bundle":"/bundles/web","annotations":{"a":"b"}}""",
            Encoding.UTF8.GetString(SpecWriter.ToBytes(state)));
    }

    [Fact]
    public void Absent_members_are_left_out() =>
        Assert.Equal("""{"ociVersion":"1.3.0","process":{"user":{"uid":0,"gid":0},"cwd":"/"}}""",
            Encoding.UTF8.GetString(SpecWriter.ToBytes(new Spec { OciVersion = "1.3.0", Process = new Process { Cwd = "/" } })));
}
