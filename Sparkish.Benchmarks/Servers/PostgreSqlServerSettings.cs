namespace Sparkish.Benchmarks.Servers;

/// <summary>How a server is set up.</summary>
/// <param name="Fsync">Whether commits are forced to the disk. Figures are taken with it; most tests do not crash the machine and go faster without.</param>
internal sealed record PostgreSqlServerSettings(bool Fsync = true)
{
    /// <summary>Further settings of its, as <c>name=value</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];
}
