namespace Sparkish.Tests.Processes;

/// <summary>A program whose processes are members of groups, see MembershipNode of Sparkish.Tests.Node.</summary>
/// <param name="Path">Its assembly.</param>
/// <param name="Settings">What all members are started with, as key=value.</param>
internal sealed record MemberProgram(string Path, IReadOnlyList<string> Settings)
{
    /// <summary>The built-in env, with SWIM and a secret.</summary>
    public static MemberProgram BuiltIn { get; } = new(NodeProgram.Path, ["spark.authenticate=true", "spark.authenticate.secret=secret of the group"]);
}
