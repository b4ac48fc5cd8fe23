using System.Text;

namespace Rundlet.Oci.Tests.Runtime;

public sealed class SpecReaderTests
{
    [Fact]
    public void A_minimal_document_needs_only_its_version()
    {
        Spec spec = SpecReader.Read("""{"ociVersion":"1.3.0"}"""u8);

        Assert.Equal("1.3.0", spec.OciVersion);
        Assert.Null(spec.Process);
        Assert.Null(spec.Linux);
    }
}
