namespace Rundlet.Images.Push;

/// <summary>Is told how a push goes on. Called by several threads at once, often: it must be quick.</summary>
public interface IPushProgress
{
    /// <summary>A blob got further.</summary>
    void Report(BlobProgress progress);
}
