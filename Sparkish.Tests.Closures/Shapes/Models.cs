namespace Sparkish.Tests.Closures;

/// <summary>What must never be captured: nothing can send it.</summary>
internal sealed class Connection : MemoryStream;

internal sealed record Point(int X, int Y)
{
    public int Sum => X + Y;
}

internal sealed class Settings
{
    public string Name { get; set; } = "cfg";

    public Dictionary<string, int> Numbers { get; } = new(StringComparer.Ordinal) { ["a"] = 5 };
}

internal enum Color
{
    Red,
    Green,
}

internal delegate int Changer(ref int x);

internal delegate bool Finder(int x, out string text);

internal static class IntExtensions
{
    public static int Plus(this int x, int y) => x + y;

    public static string Tag(this string text, int x) => text + x;
}
