namespace Sparkish.Assemblies;

/// <summary>Nothing refers to this type, so a trimmed program lacks it.</summary>
internal static class UntrimmedMark;
