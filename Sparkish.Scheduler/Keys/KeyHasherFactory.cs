using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Keys;

/// <summary>Creates hashers by the shapes of keys; those of members are compiled once per type.</summary>
internal static class KeyHasherFactory
{
    private static readonly MethodInfo CombineMethod = typeof(HashMix).GetMethod(nameof(HashMix.Combine))!;

    private static readonly MethodInfo ValueMethod = typeof(ValueHashes).GetMethod(nameof(ValueHashes.Of))!;

    // Types of unloaded applications must not be kept.
    private static readonly ConditionalWeakTable<Type, KeyHasher> ByType = [];

    /// <summary>Returns the hasher of a type that is only known at run time, and so was not checked by the call.</summary>
    public static KeyHasher Of(Type type) => ByType.GetValue(type, static type => KeyRules.KeyRefusal(type) is { } reason
        ? New(typeof(RefusedHasher<>), [type], reason)
        : (KeyHasher)typeof(KeyHasher<>).MakeGenericType(type).GetProperty(nameof(KeyHasher<int>.Default))!.GetValue(null)!);

    public static KeyHasher Make(Type type)
    {
        var shape = KeyShape.Of(type);
        return shape.Kind switch
        {
            KeyKind.Value => New(typeof(FunctionHasher<>), [type], ValueMethod.MakeGenericMethod(type).Invoke(null, null)!),
            KeyKind.Nullable => New(typeof(NullableHasher<>), [shape.Members[0].Type]),
            KeyKind.OwnHash => New(typeof(OwnHasher<>), [type]),
            KeyKind.Elements => New(typeof(ElementsHasher<,>), [type, KeyShape.ElementOf(type)]),
            KeyKind.Union => New(typeof(FunctionHasher<>), [type], ForUnion(type, UnionShape.Of(type)!)),
            KeyKind.Members when type.IsSealed || KeyEquality.IsTuple(type) => New(typeof(FunctionHasher<>), [type], ForMembers(type, shape)),
            KeyKind.Members => New(typeof(OpenHasher<>), [type], type.IsAbstract ? null : ForMembers(type, shape)),
            _ => New(typeof(RefusedHasher<>), [type], KeyRules.Describe(type, [], type, shape.Refusal!)),
        };
    }

    private static Delegate ForMembers(Type type, KeyShape shape)
    {
        var key = Expression.Parameter(type);
        var fields = shape.Members.Select(member => (Expression)Expression.Field(key, (FieldInfo)member.Info!));
        return Expression.Lambda(Fold(Expression.Constant(1u), fields), key).Compile();
    }

    private static Delegate ForUnion(Type type, UnionShape union)
    {
        var key = Expression.Parameter(type);
        Expression CaseOf(int tag) => Fold(
            Expression.Constant(HashMix.Finish((uint)tag + 1)),
            union.Cases[tag].Fields.Select(field => KeyExpressions.Field(key, field)));
        if (union.Tag is not { } tag) return Expression.Lambda(CaseOf(0), key).Compile();
        var cases = Enumerable.Range(0, union.Cases.Count).Select(i => Expression.SwitchCase(CaseOf(i), Expression.Constant(i)));
        return Expression.Lambda(Expression.Switch(KeyExpressions.Tag(key, tag), Expression.Constant(0u), [.. cases]), key).Compile();
    }

    private static Expression Fold(Expression none, IEnumerable<Expression> parts)
    {
        var hashes = parts.Select(HashOf).ToArray();
        return hashes.Length == 0 ? none
            : none is ConstantExpression { Value: 1u } ? hashes.Aggregate(Combine)
            : hashes.Aggregate(none, Combine);
    }

    private static Expression Combine(Expression first, Expression second) => Expression.Call(CombineMethod, first, second);

    private static Expression HashOf(Expression value)
    {
        var hasher = typeof(KeyHasher<>).MakeGenericType(value.Type);
        return Expression.Call(Expression.Property(null, hasher, nameof(KeyHasher<int>.Default)), nameof(KeyHasher<int>.Hash), null, value);
    }

    private static KeyHasher New(Type definition, Type[] arguments, params object?[] given) =>
        (KeyHasher)Activator.CreateInstance(definition.MakeGenericType(arguments), given)!;
}
