#pragma warning disable MA0048 // a member is a part of the shape
using System.Reflection;

namespace Sparkish.Serialization;

/// <summary>A part of a record: a property or a field that both the constructor or a setter and a getter know.</summary>
internal sealed record RecordMember(Type Type, MemberInfo Source);

/// <summary>
/// How a sealed record, class or struct is taken apart and made again: constructor parameters by the members of their names, then the
/// properties that can be set. A type that has more state than that has no shape.
/// </summary>
internal sealed record RecordShape(ConstructorInfo? Constructor, IReadOnlyList<RecordMember> Parameters, IReadOnlyList<RecordMember> Settable)
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    public static RecordShape? TryMake(Type type)
    {
        if (type.IsAbstract || type.IsInterface || type.IsArray || (!type.IsSealed && !type.IsValueType) || type.IsSubclassOf(typeof(Delegate))) return null;
        if (type.IsSubclassOf(typeof(Exception)) || TypeAttributes.Find<NotSerializableAttribute>(type) is not null) return null;
        if (FrameworkAssemblies.Contains(type.Assembly) && !IsPlainFrameworkStruct(type)) return null;
        var fields = FieldsOf(type);
        var candidates = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public)
            .OrderByDescending(constructor => constructor.GetParameters().Length);
        foreach (var constructor in candidates)
        {
            if (TryMake(type, constructor, constructor.GetParameters(), fields) is { } shape) return shape;
        }

        return type.IsValueType ? TryMake(type, null, [], fields) : null;
    }

    private static RecordShape? TryMake(Type type, ConstructorInfo? constructor, ParameterInfo[] parameters, List<FieldInfo> fields)
    {
        var left = new List<FieldInfo>(fields);
        var given = new List<RecordMember>();
        foreach (var parameter in parameters)
        {
            if (Find(type, parameter) is not { } member) return null;
            if (left.RemoveAll(field => Backs(field, member.Source)) != 1) return null;
            given.Add(member);
        }

        var settable = new List<RecordMember>();
        foreach (var field in left)
        {
            if (SetterOf(type, field) is not { } member) return null;
            settable.Add(member);
        }

        return new RecordShape(constructor, given, settable);
    }

    private static RecordMember? Find(Type type, ParameterInfo parameter)
    {
        foreach (var property in type.GetProperties(Instance))
        {
            if (property.CanRead && property.PropertyType == parameter.ParameterType && Same(property.Name, parameter.Name))
                return new(property.PropertyType, property);
        }

        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public))
        {
            if (field.FieldType == parameter.ParameterType && Same(field.Name, parameter.Name)) return new(field.FieldType, field);
        }

        return null;
    }

    private static RecordMember? SetterOf(Type type, FieldInfo field)
    {
        if (field is { IsPublic: true, IsInitOnly: false }) return new(field.FieldType, field);
        var property = Array.Find(type.GetProperties(Instance), property => Backs(field, property) && property is { CanRead: true, CanWrite: true });
        return property is null ? null : new(property.PropertyType, property);
    }

    private static bool Backs(FieldInfo field, MemberInfo member)
    {
        if (member is FieldInfo same) return same.Equals(field);
        return string.Equals(field.Name, $"<{member.Name}>k__BackingField", StringComparison.Ordinal) || Same(field.Name.TrimStart('_'), member.Name);
    }

    private static bool Same(string name, string? other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);

    private static bool IsPlainFrameworkStruct(Type type) =>
        type.IsConstructedGenericType && type.IsValueType
        && (type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal) || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>));

    private static List<FieldInfo> FieldsOf(Type type)
    {
        var fields = new List<FieldInfo>();
        for (var part = type; part is not null; part = part.BaseType) fields.AddRange(part.GetFields(Instance | BindingFlags.DeclaredOnly));
        return [.. fields.OrderBy(field => field.Name, StringComparer.Ordinal)];
    }
}
