using System.Linq.Expressions;
using System.Reflection;
using Sparkish.Serialization.Types;

namespace Sparkish.Keys;

/// <summary>Compiles the comparisons of types by their members.</summary>
internal static class KeyComparisons
{
    /// <summary>Compares member by member.</summary>
    public static Comparison<T> ForMembers<T>(IReadOnlyList<KeyMember> members)
    {
        var (x, y) = (Expression.Parameter(typeof(T)), Expression.Parameter(typeof(T)));
        var parts = members.Select(member => (FieldInfo)member.Info!).Select(field => (Expression.Field(x, field), Expression.Field(y, field)));
        return Expression.Lambda<Comparison<T>>(InTurn(parts.Select(static part => Compare(part.Item1, part.Item2))), x, y).Compile();
    }

    /// <summary>Compares the numbers of cases, then the fields of the case.</summary>
    public static Comparison<T> ForUnion<T>(UnionShape union)
    {
        var (x, y) = (Expression.Parameter(typeof(T)), Expression.Parameter(typeof(T)));
        Expression CaseOf(int number) => InTurn(
            union.Cases[number].Fields.Select(field => Compare(KeyExpressions.Field(x, field), KeyExpressions.Field(y, field))));
        if (union.Tag is not { } tag) return Expression.Lambda<Comparison<T>>(CaseOf(0), x, y).Compile();
        var cases = Enumerable.Range(0, union.Cases.Count).Select(number => Expression.SwitchCase(CaseOf(number), Expression.Constant(number)));
        var fields = Expression.Switch(KeyExpressions.Tag(x, tag), Expression.Constant(0), [.. cases]);
        return Expression.Lambda<Comparison<T>>(InTurn([Compare(KeyExpressions.Tag(x, tag), KeyExpressions.Tag(y, tag)), fields]), x, y).Compile();
    }

    // The first that is not zero.
    private static Expression InTurn(IEnumerable<Expression> comparisons) =>
        comparisons.Reverse().Aggregate((Expression)Expression.Constant(0), static (rest, comparison) =>
        {
            var result = Expression.Variable(typeof(int));
            var isDecided = Expression.NotEqual(result, Expression.Constant(0));
            return Expression.Block([result], Expression.Assign(result, comparison), Expression.Condition(isDecided, result, rest));
        });

    private static MethodCallExpression Compare(Expression x, Expression y)
    {
        var comparer = Expression.Property(null, typeof(KeyComparer<>).MakeGenericType(x.Type), nameof(KeyComparer<int>.Default));
        return Expression.Call(comparer, typeof(IComparer<>).MakeGenericType(x.Type).GetMethod(nameof(IComparer<int>.Compare))!, x, y);
    }
}
