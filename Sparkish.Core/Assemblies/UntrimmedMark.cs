namespace Sparkish.Assemblies;

/// <summary>A type without references, which a trimmed program therefore lacks.</summary>
internal static class UntrimmedMark;
