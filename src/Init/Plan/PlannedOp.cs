namespace Rundlet.Init;

/// <summary>What the parent keeps of an op beyond what the child gets.</summary>
/// <param name="Sentence">What it does.</param>
/// <param name="Arguments">How many arguments it was given.</param>
/// <param name="DataMask">Bit i: argument i is an offset into the data of the block.</param>
internal readonly record struct PlannedOp(PlanSentence Sentence, byte Arguments, byte DataMask);
