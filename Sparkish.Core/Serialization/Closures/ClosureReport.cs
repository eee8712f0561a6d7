using Sparkish.Serialization.Closures.Analysis;

namespace Sparkish.Serialization.Closures;

/// <summary>What a function carries to where it runs.</summary>
/// <param name="Captured">The variables, and members of <c>this</c>, that go with it.</param>
/// <param name="Dropped">Those that the compiler put beside them and that the function does not use: they stay here.</param>
/// <param name="Whole">Why the whole object around the function goes with it, half a sentence; null where only the members that it uses go.</param>
public sealed record ClosureReport(IReadOnlyList<CapturedVariable> Captured, IReadOnlyList<CapturedVariable> Dropped, string? Whole);

/// <summary>A captured variable or member as its author knows it.</summary>
/// <param name="Name">Such as <c>factor</c>, or <c>this.Factor</c>.</param>
/// <param name="Type">Its declared type; that of the object for <c>this</c>.</param>
public sealed record CapturedVariable(string Name, Type Type)
{
    /// <summary>The name and the type as C# writes it, such as <c>factor: int</c>.</summary>
    public override string ToString() => $"{Name}: {TypeNames.Of(Type)}";
}
