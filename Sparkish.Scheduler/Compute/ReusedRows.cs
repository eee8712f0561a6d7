using System.Reflection;

namespace Sparkish.Compute;

/// <summary>
/// Whether a function can return one object repeatedly, with changed content. Values without references are copied; strings are immutable, and so are classes
/// with readonly fields only, such as most records and tuples.
/// </summary>
internal static class ReusedRows
{
    public static bool AreImpossible(Type row) => IsFixed(row, []);

    private static bool IsFixed(Type type, HashSet<Type> looking)
    {
        if (type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal)) return true;
        if (type.IsArray || type.IsInterface || type.IsAbstract || type.IsPointer || type == typeof(object)) return false;
        if (typeof(Delegate).IsAssignableFrom(type)) return false;

        // A type that contains itself is as immutable as its other fields.
        if (!looking.Add(type)) return true;
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            var fields = level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
            if (!fields.All(field => (type.IsValueType || field.IsInitOnly) && IsFixed(field.FieldType, looking))) return false;
        }

        return true;
    }
}
