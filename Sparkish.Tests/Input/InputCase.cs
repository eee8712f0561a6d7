namespace Sparkish.Tests.Input;

/// <summary>An input that people give to TextFile.</summary>
/// <param name="Name">What it is, for the table.</param>
/// <param name="Path">Its path; <c>@</c> stands for a directory of its own.</param>
/// <param name="Make">Makes what it consists of in that directory.</param>
/// <param name="Right">Its lines, where Spark gives an error or loses data and we read it.</param>
internal sealed record InputCase(string Name, string Path, Action<TemporaryDirectory> Make, string[]? Right = null)
{
    public string PathIn(TemporaryDirectory directory) => Path.Replace("@", directory.Path, StringComparison.Ordinal);

    public override string ToString() => Name;
}
