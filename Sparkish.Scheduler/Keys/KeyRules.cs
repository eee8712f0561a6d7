using Sparkish.Serialization.Closures.Analysis;
using Sparkish.Serialization.Types;

namespace Sparkish.Keys;

/// <summary>Refuses types that cannot be keys, or that have no order, on the driver and at the call that uses them.</summary>
internal static class KeyRules
{
    /// <summary>The wording of <see cref="Describe"/> for types without an order.</summary>
    public const string HasNoOrder = "cannot be sorted by";

    private const string FSharpArray = "executors do not compare arrays by their elements, as F# does; use a list";

    /// <summary>Refuses a type whose equal values would not come together.</summary>
    /// <exception cref="SparkException">The type, or that of a member, cannot be a key; the message names it and the path to it.</exception>
    public static void RequireKey<T>(string operation)
    {
        if (KeyRefusal(typeof(T)) is { } reason) throw new SparkException($"{operation}(...): {reason}");
    }

    /// <summary>Returns the reason why a type cannot be a key, as a sentence; null if it can.</summary>
    public static string? KeyRefusal(Type type) =>
        Find(type, static part => (KeyShape.Of(part).Refusal, KeyShape.Of(part).Members), [], []) is var (path, refused, owner)
            ? Describe(type, path, refused,
                refused.IsArray && owner is not null && FSharpTypes.IsDeclaredInFSharp(owner) ? FSharpArray : KeyShape.Of(refused).Refusal!)
            : null;

    /// <summary>Refuses a type without an order that is the same in every process.</summary>
    /// <exception cref="SparkException">The type, or that of a member, has no order; the message names it, the path to it and alternatives.</exception>
    public static void RequireOrder<T>(string operation)
    {
        if (Find(typeof(T), static type => (KeyOrder.Of(type).Refusal, KeyOrder.Of(type).Members), [], []) is not var (path, refused, _)) return;
        throw new SparkException($"{operation}(...): {Describe(typeof(T), path, refused, KeyOrder.Of(refused).Refusal!, HasNoOrder)}");
    }

    /// <summary>Builds the sentence with the reason why a type cannot be a key.</summary>
    public static string Describe(Type type, IReadOnlyList<string> path, Type refused, string reason, string cannot = "cannot be a key")
    {
        var member = path.Count == 0 ? "" : $"{string.Join('.', path)} is of type {TypeNames.Of(refused)}, and ";
        return $"{TypeNames.Of(type)} {cannot}: {member}{reason}.";
    }

    // The part that is refused, the way to it and the type that has it as a member.
    private static (IReadOnlyList<string> Path, Type Refused, Type? Owner)? Find(
        Type type, Func<Type, (string? Refusal, IReadOnlyList<KeyMember> Members)> look, HashSet<Type> seen, string[] path, Type? owner = null)
    {
        if (!seen.Add(type)) return null;
        var (refusal, members) = look(type);
        if (refusal is not null) return (path, type, owner);
        var steps = Nullable.GetUnderlyingType(type) is null;
        return members.Select(member => Find(member.Type, look, seen, steps ? [.. path, member.Name] : path, type))
            .FirstOrDefault(static found => found is not null);
    }
}
