namespace Sparkish.Tests.Closures;

/// <summary>A function, what it is given, and what it must return as <see cref="Outcome"/> writes it.</summary>
internal sealed record Shape(string Name, Delegate Function, string Expected)
{
    public object?[] Arguments { get; init; } = [4];
}
