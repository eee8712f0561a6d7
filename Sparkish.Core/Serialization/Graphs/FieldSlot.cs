#pragma warning disable MA0048 // the kinds of slots are kept with the slot
using System.Reflection;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs;

/// <summary>The encoding of a field's value in the input.</summary>
internal enum SlotKind : byte
{
    /// <summary>A node with its own type.</summary>
    Reference = 1,

    /// <summary>A struct in place, field by field.</summary>
    Fields = 2,

    /// <summary>An inline struct, as in memory; its size is included.</summary>
    Fixed = 3,

    /// <summary>An inline struct in a form that only its type's plan knows.</summary>
    Opaque = 4,

    /// <summary>A struct that is not admitted: a byte that says whether it was ever set.</summary>
    Guarded = 5,

    /// <summary>No slot: the base class whose fields follow.</summary>
    Base = 6,
}

/// <summary>A field that is sent.</summary>
internal sealed class FieldSlot
{
    public FieldSlot(FieldInfo field, string level)
    {
        Field = field;
        Level = level;
        var property = PropertyOf(field);
        Name = NameOf(field);
        FormerNames = [.. field.GetCustomAttributes<FormerNameAttribute>()
            .Concat(property?.GetCustomAttributes<FormerNameAttribute>() ?? []).Select(former => former.Name)];
        Plan = PlanOf(field.FieldType);
        Kind = KindOf(Plan);
        Size = Plan is null ? 0 : TypeLayout.SizeOf(field.FieldType);
    }

    public FieldInfo Field { get; }

    /// <summary>The name in the source: that of an automatic property, not that of its backing field.</summary>
    public string Name { get; }

    /// <summary>The base class that declares it; empty for the type itself.</summary>
    public string Level { get; }

    public string[] FormerNames { get; }

    public SlotKind Kind { get; }

    /// <summary>The plan of a struct in place; null for a reference.</summary>
    public ObjectPlan? Plan { get; }

    /// <summary>The bytes of a struct in memory.</summary>
    public int Size { get; }

    /// <summary>The fields of a class that are sent, without those of its bases.</summary>
    public static IEnumerable<FieldInfo> Of(Type type)
    {
        const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        return type.GetFields(Declared).Where(field => !IsIgnored(field)).OrderBy(field => field.Name, StringComparer.Ordinal);
    }

    /// <summary>The name in the source.</summary>
    public static string NameOf(FieldInfo field) => PropertyOf(field)?.Name ?? field.Name;

    /// <summary>The plan of a struct in a field; null for a reference.</summary>
    public static ObjectPlan? PlanOf(Type type)
    {
        if (ObjectPlans.InPlace(type) is not { } plan) return null;
        return plan is RefusedPlan || TypeAdmission.Default.Refusal(type) is not null ? new GuardedPlan(plan) : plan;
    }

    public static SlotKind KindOf(ObjectPlan? plan) => plan switch
    {
        null => SlotKind.Reference,
        GuardedPlan => SlotKind.Guarded,
        { Tag: NodeTag.Fields } => SlotKind.Fields,
        IFixedSizePlan => SlotKind.Fixed,
        _ => SlotKind.Opaque,
    };

    /// <summary>Returns a value that this field can hold, or throws.</summary>
    public object? Fit(object? value)
    {
        var type = Field.FieldType;
        if (value is null ? !type.IsValueType || Nullable.GetUnderlyingType(type) is not null : type.IsInstanceOfType(value)) return value;
        throw new SerializationException(
            $"{Name} of {Field.DeclaringType} is a {type} here, but {(value is null ? "null" : $"a {value.GetType()}")} was written: give a field a new name when its type changes.");
    }

    /// <summary>Stores a value in the field of an object or a boxed struct.</summary>
    public void Set(object target, object? value) => Field.SetValue(target, Fit(value));

    /// <summary>Whether a field is omitted, in graphs and in rows, since its author marked it so.</summary>
    public static bool IsIgnored(FieldInfo field) => field.IsDefined(typeof(NonSerializedAttribute))
        || field.IsDefined(typeof(System.Runtime.Serialization.IgnoreDataMemberAttribute))
        || PropertyOf(field)?.IsDefined(typeof(System.Runtime.Serialization.IgnoreDataMemberAttribute)) == true;

    private static PropertyInfo? PropertyOf(FieldInfo field)
    {
        const string Suffix = ">k__BackingField";
        if (field.Name[0] != '<' || !field.Name.EndsWith(Suffix, StringComparison.Ordinal) || !field.IsDefined(typeof(CompilerGeneratedAttribute))) return null;
        const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var name = field.Name[1..^Suffix.Length];
        return Array.Find(field.DeclaringType!.GetProperties(Declared), property => string.Equals(property.Name, name, StringComparison.Ordinal));
    }
}
