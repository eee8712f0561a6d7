using System.Globalization;
using System.Reflection;

namespace Sparkish.Tests.Closures;

/// <summary>All objects that one leads to by fields and elements, and the values of the fields, as they are at a moment.</summary>
internal sealed class ObjectPicture
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly List<(object Owner, object? Value)> _values = [];

    public int Objects { get; private set; }

    public static ObjectPicture Of(object root)
    {
        var picture = new ObjectPicture();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var left = new Queue<object>([root]);
        while (left.TryDequeue(out var owner))
        {
            if (!seen.Add(owner)) continue;
            foreach (var value in PartsOf(owner))
            {
                picture._values.Add((owner, value));
                if (value is not null && !value.GetType().IsPrimitive) left.Enqueue(value);
            }
        }

        picture.Objects = seen.Count(value => !value.GetType().IsValueType);
        return picture;
    }

    /// <summary>Whether the same objects have the same fields; structs are compared by their own fields.</summary>
    public bool IsSameAs(ObjectPicture other) => _values.Count == other._values.Count
        && _values.Zip(other._values).All(pair => IsSame(pair.First.Owner, pair.Second.Owner) && IsSame(pair.First.Value, pair.Second.Value));

    private static bool IsSame(object? first, object? second) =>
        first is null || second is null || !first.GetType().IsValueType
            ? ReferenceEquals(first, second)
            : first.GetType() == second.GetType() && (!first.GetType().IsPrimitive || first.Equals(second));

    // What the runtime keeps in delegates, types, methods and cultures is filled in as it is asked for.
    private static IEnumerable<object?> PartsOf(object owner)
    {
        if (owner is MemberInfo or string or Module or Assembly or CultureInfo) return [];
        if (owner is Delegate function)
            return function.HasSingleTarget ? [function.Target, function.Method] : function.GetInvocationList().Select(part => part.Target);
        if (owner is Array array) return array.Cast<object?>();
        var fields = new List<FieldInfo>();
        for (var type = owner.GetType(); type is not null; type = type.BaseType)
            fields.AddRange(type.GetFields(Declared).Where(field => !field.FieldType.IsPointer));
        return fields.Select(field => field.GetValue(owner));
    }
}
