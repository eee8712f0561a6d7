using Sparkish.Serialization.Closures.Analysis;

namespace Sparkish.Serialization.Closures;

/// <summary>The captures of a function that is sent.</summary>
/// <param name="Captured">The variables, and members of <c>this</c>, that are sent with it.</param>
/// <param name="Dropped">The unused ones that the compiler stored beside them: they are not sent.</param>
/// <param name="Whole">The reason why the whole object around the function is sent, half a sentence; null if only the used members are.</param>
public sealed record ClosureReport(IReadOnlyList<CapturedVariable> Captured, IReadOnlyList<CapturedVariable> Dropped, string? Whole);

/// <summary>A captured variable or member, by its name in the source.</summary>
/// <param name="Name">Such as <c>factor</c>, or <c>this.Factor</c>.</param>
/// <param name="Type">Its declared type; that of the object for <c>this</c>.</param>
public sealed record CapturedVariable(string Name, Type Type)
{
    /// <summary>The name and the type in C# notation, such as <c>factor: int</c>.</summary>
    public override string ToString() => $"{Name}: {TypeNames.Of(Type)}";
}
