namespace Sparkish.Serialization.Graphs;

/// <summary>Marks the plans of values with equal size in the input and in memory.</summary>
internal interface IFixedSizePlan;
