namespace Sparkish.Serialization.Graphs;

/// <summary>Marks the plans of values that take as many bytes in the input as in memory.</summary>
internal interface IFixedSizePlan;
