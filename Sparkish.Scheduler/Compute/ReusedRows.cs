using System.Reflection;

namespace Sparkish.Compute;

/// <summary>
/// Whether a function can return one object again and again, changed in between. What holds no reference is copied; texts do not change, and neither do
/// classes of readonly fields alone, as those of records and tuples are.
/// </summary>
internal static class ReusedRows
{
    public static bool AreImpossible(Type row) => IsFixed(row, []);

    private static bool IsFixed(Type type, HashSet<Type> looking)
    {
        if (type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal)) return true;
        if (type.IsArray || type.IsInterface || type.IsAbstract || type.IsPointer || type == typeof(object)) return false;
        if (typeof(Delegate).IsAssignableFrom(type)) return false;

        // A type that holds itself is as fixed as its other fields.
        if (!looking.Add(type)) return true;
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            var fields = level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
            if (!fields.All(field => (type.IsValueType || field.IsInitOnly) && IsFixed(field.FieldType, looking))) return false;
        }

        return true;
    }
}
