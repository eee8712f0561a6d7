namespace Sparkish.Tests.Architecture;

internal class MentionedBase;

internal interface IMentioned;

[AttributeUsage(AttributeTargets.Method)]
internal sealed class MentionedAttribute : Attribute;

internal sealed class MentionedField;

internal sealed class MentionedArgument;

internal sealed class MentionedResult;

internal static class MentionedInBody
{
    public static int Value => 1;
}

internal static class MentionedInLambda
{
    public static int Value => 2;
}

internal sealed class MentionedAsGeneric;

internal class MentionedConstraint;

/// <summary>Mentions each of the types above in one way, for the test of the reader.</summary>
internal sealed class Mentioner : MentionedBase, IMentioned
{
    public MentionedField? Field { get; init; }

    [Mentioned]
    public static MentionedResult? Make(MentionedArgument argument)
    {
        Func<int> later = () => MentionedInLambda.Value;
        return later() + MentionedInBody.Value + Array.Empty<MentionedAsGeneric>().Length > 0 || argument is null ? null : new MentionedResult();
    }

    public static void Constrained<T>() where T : MentionedConstraint => GC.KeepAlive(typeof(T));
}
