using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;

namespace Rundlet.Engine.Diagnosis;

/// <summary>Why a container is where it is.</summary>
/// <param name="Record">The container.</param>
/// <param name="Standing">Where it stands.</param>
/// <param name="Findings">What is known, the most important first.</param>
/// <param name="LastLines">The end of its log, without ends of lines.</param>
public sealed record Explanation(ContainerRecord Record, ContainerStanding Standing, IReadOnlyList<Finding> Findings, IReadOnlyList<string> LastLines);
