namespace Rundlet.Images.Pull;

/// <summary>Is told how a pull goes on. Called by several threads at once, often: it must be quick.</summary>
public interface IPullProgress
{
    /// <summary>A layer got further.</summary>
    void Report(LayerProgress progress);
}
