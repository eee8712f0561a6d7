#pragma warning disable MA0048 // a member is a part of the shape
using System.Reflection;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Rows.Records;

/// <summary>A part of a record: a field, under the name of its property or parameter.</summary>
internal sealed record RecordMember(string Name, FieldInfo Field)
{
    private const string TuplePrefix = "m_";

    public RecordMember(FieldInfo field) : this(NameOf(field), field) { }

    /// <summary>The name in the source: compilers put a property's or parameter's name in angle brackets, or before an @; a tuple's after m_.</summary>
    private static string NameOf(FieldInfo field)
    {
        var name = field.Name;
        if (name.EndsWith('@') && name.Length > 1) return name[..^1];
        if (RecordShape.IsTuple(field.DeclaringType!)) return name[TuplePrefix.Length..];
        var end = name.StartsWith('<') ? name.IndexOf('>', StringComparison.Ordinal) : -1;
        return end > 1 ? name[1..end] : name;
    }
}

/// <summary>
/// The decomposition of a record, class or struct. Its fields are written, so that nothing is lost regardless of its properties. It is created by the
/// constructor that takes the fields, so that the constructor's checks run, and fields that the constructor may have changed are set again. If no constructor
/// takes them, it is created without one. Fields that are marked as not serialized are omitted.
/// </summary>
/// <param name="Type">The type.</param>
/// <param name="Constructor">Takes the first members; null if no constructor runs.</param>
/// <param name="Given">Number of members that the constructor takes.</param>
/// <param name="IsPlain">Whether the constructor does nothing but store them.</param>
/// <param name="Members">All members, in the order of the wire.</param>
internal sealed record RecordShape(Type Type, ConstructorInfo? Constructor, int Given, bool IsPlain, IReadOnlyList<RecordMember> Members)
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Whether a value may be of a derived type.</summary>
    public bool IsOpen => Type is { IsClass: true, IsSealed: false };

    /// <summary>Whether its length precedes it, so that versions with more and with fewer members read each other's values.</summary>
    public bool IsExtensible { get; } = Type.IsDefined(typeof(ExtensibleAttribute), inherit: false);

    /// <summary>Returns the shape of a type; null if the type is written as a graph.</summary>
    /// <exception cref="SerializationException">The type is marked as extensible but cannot be.</exception>
    public static RecordShape? TryMake(Type type)
    {
        if (type.IsAbstract || type.IsInterface || type.IsArray || type == typeof(object)) return null;
        if (!IsPlainFrameworkStruct(type) && !IsTuple(type) && !IsOfApplication(type)) return null;
        var fields = FieldsOf(type);
        if (fields.Exists(field => IsRefusedStruct(field.FieldType))) return null;
        var candidates = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public).OrderByDescending(constructor => constructor.GetParameters().Length);
        var shape = candidates.Select(constructor => TryMake(type, constructor, fields)).FirstOrDefault(static shape => shape is not null)
            ?? new RecordShape(type, null, 0, IsPlain: true, [.. fields.Select(static field => new RecordMember(field))]);
        return shape.IsExtensible && shape.Given < shape.Members.Count
            ? throw new SerializationException(
                $"{type} is [Extensible], so all its state must be parameters of its constructor: make {shape.Members[shape.Given].Name} one.")
            : shape;
    }

    /// <summary>Returns the shape of a struct without references: its fields in the order of the source, and no constructor.</summary>
    public static RecordShape ForFixed(Type type)
    {
        var fields = FieldsOf(type).OrderBy(static field => field.MetadataToken);
        return new RecordShape(type, null, 0, IsPlain: true, [.. fields.Select(static field => new RecordMember(field))]);
    }

    public static bool IsPlainFrameworkStruct(Type type) =>
        type.IsConstructedGenericType && type.IsValueType
        && (type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>));

    public static bool IsTuple(Type type) =>
        type is { IsClass: true, Namespace: "System" } && type.Name.StartsWith("Tuple`", StringComparison.Ordinal)
            && FrameworkAssemblies.Contains(type.Assembly);

    /// <summary>Appends the schema, with a function that appends that of a member's type.</summary>
    public void Describe(SchemaText text, Action<SchemaText, Type> describe)
    {
        if (Type.IsClass && !text.IsFirst(Type)) return;
        if (IsExtensible) text.Append("extensible ");
        if (IsOpen) text.Append("open ");
        text.Append(Type.IsValueType ? "struct (" : "(");
        for (var i = 0; i < Members.Count; i++)
        {
            if (i > 0) text.Append(", ");
            text.Append(Members[i].Name).Append(": ");
            describe(text, Members[i].Field.FieldType);
        }

        text.Append(")");
    }

    private static RecordShape? TryMake(Type type, ConstructorInfo constructor, List<FieldInfo> fields)
    {
        var left = new List<FieldInfo>(fields);
        var given = new List<RecordMember>();
        foreach (var parameter in constructor.GetParameters())
        {
            if (left.FindAll(field => Matches(field, parameter)) is not [var field]) return null;
            left.Remove(field);
            given.Add(new RecordMember(field));
        }

        if (!left.TrueForAll(field => CanBeSet(type, field))) return null;
        return new RecordShape(type, constructor, given.Count, IsTuple(type)
            || ConstructorScan.IsPlain(constructor, given), [.. given, .. left.Select(static field => new RecordMember(field))]);
    }

    private static bool Matches(FieldInfo field, ParameterInfo parameter)
    {
        var (stored, taken) = (field.FieldType, parameter.ParameterType);
        return Same(new RecordMember(field).Name.TrimStart('_'), parameter.Name)
            && (stored == taken || (!stored.IsValueType && !taken.IsValueType && taken.IsAssignableFrom(stored)));
    }

    private static bool CanBeSet(Type type, FieldInfo field) =>
        field is { IsPublic: true, IsInitOnly: false }
        || Array.Exists(type.GetProperties(Instance), property =>
            property is { CanRead: true, CanWrite: true } && property.PropertyType == field.FieldType
                && Same(new RecordMember(field).Name.TrimStart('_'), property.Name));

    private static bool Same(string name, string? other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);

    // Types with special rules in graphs are left to them.
    private static bool IsOfApplication(Type type)
    {
        for (var part = type; part != typeof(object) && part != typeof(ValueType); part = part.BaseType!)
        {
            if (FrameworkAssemblies.Contains(part.Assembly)) return false;
        }

        return TypeAdmission.Default.Refusal(type) is null && RebuiltState.Refusal(type) is null
            && InheritedAttributes.Find<NotSerializableAttribute>(type) is null && !Finalizers.Has(type);
    }

    // Such as a cancellation token, which a graph accepts if it was never set.
    private static bool IsRefusedStruct(Type type) =>
        type.IsValueType && Nullable.GetUnderlyingType(type) is null && !IsPlainFrameworkStruct(type) && TypeAdmission.Default.Refusal(type) is not null
        && CustomCodecs.TargetOf(type) is null && !CodecSource.Current.IsKnown(type);

    // By name, so that moving a declaration changes nothing.
    private static List<FieldInfo> FieldsOf(Type type)
    {
        var fields = new List<FieldInfo>();
        for (var part = type; part is not null; part = part.BaseType) fields.AddRange(part.GetFields(Instance | BindingFlags.DeclaredOnly));
        fields.RemoveAll(FieldSlot.IsIgnored);
        return [.. fields.OrderBy(static field => field.Name, StringComparer.Ordinal)];
    }
}
