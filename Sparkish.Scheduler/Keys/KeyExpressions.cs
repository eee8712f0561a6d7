using System.Linq.Expressions;
using System.Reflection;

namespace Sparkish.Keys;

/// <summary>Builds expressions that access the parts of F# unions.</summary>
internal static class KeyExpressions
{
    /// <summary>Accesses a field of a case, which the class of the case may declare.</summary>
    public static Expression Field(Expression union, PropertyInfo field) =>
        Expression.Property(field.DeclaringType == union.Type ? union : Expression.Convert(union, field.DeclaringType!), field.GetMethod!);

    /// <summary>The number of the case.</summary>
    public static Expression Tag(Expression union, MethodInfo tag) => tag.IsStatic ? Expression.Call(tag, union) : Expression.Call(union, tag);
}
