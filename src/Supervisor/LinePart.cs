namespace Rundlet.Supervisor;

/// <summary>Where a record stands in its line.</summary>
/// <param name="Ordinal">1 for the first part of a line that was cut; 0 for a line that is whole.</param>
/// <param name="IsLast">Whether it ends the line.</param>
internal readonly record struct LinePart(int Ordinal, bool IsLast);
