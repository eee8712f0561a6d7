#pragma warning disable MA0048 // a member is a part of the type
using System.Reflection;
using Sparkish.Serialization.Rows.Records;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Schemas;

/// <summary>A member of a type as it is declared now.</summary>
/// <param name="Names">Its name, and those that it had before.</param>
/// <param name="Type">Its type.</param>
/// <param name="Default">Its bytes if it was not stored: the default of the constructor's parameter, or the default of its type.</param>
internal sealed record DeclaredMember(IReadOnlyList<string> Names, Type Type, Func<byte[]> Default);

/// <summary>Facts about types that their schema omits: former names, defaults, and the types of parts.</summary>
internal static class DeclaredType
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly MethodInfo BytesMethod = typeof(DeclaredType).GetMethod(nameof(BytesOf), BindingFlags.Static | BindingFlags.NonPublic)!;

    private static readonly MethodInfo ReaderMethod = typeof(DeclaredType).GetMethod(nameof(ReaderOf), BindingFlags.Static | BindingFlags.NonPublic)!;

    /// <summary>The members of a type that has a record's schema, in the order of the schema.</summary>
    public static IReadOnlyList<DeclaredMember> MembersOf(Type type)
    {
        var shape = Codec.Of(type).Form is RecordForm form ? form.Shape : RecordShape.ForFixed(type);
        return [
            .. shape.Members.Select(member => new DeclaredMember([member.Name, .. FormerNames(member)], member.Field.FieldType, () => Default(type, member)))];
    }

    /// <summary>The types of the fields of each case of a union.</summary>
    public static IReadOnlyList<IReadOnlyList<Type>> CasesOf(Type type) =>
        [.. (UnionShape.Of(type)?.Cases ?? []).Select(static unionCase => unionCase.Fields.Select(static field => field.PropertyType).ToArray())];

    /// <summary>The type of the elements of a type that has a sequence's schema.</summary>
    public static Type ElementOf(Type type, bool isMap)
    {
        if (type.IsArray) return type.GetElementType()!;
        return isMap ? typeof(KeyValuePair<,>).MakeGenericType(type.GenericTypeArguments) : type.GenericTypeArguments[0];
    }

    /// <summary>Reads a value of a type, to skip it.</summary>
    public static StoredValueReader ReaderOf(Type type) =>
        (StoredValueReader)ReaderMethod.MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null)!;

    private static IEnumerable<string> FormerNames(RecordMember member)
    {
        var property = Array.Find(
            member.Field.DeclaringType!.GetProperties(All), property => string.Equals(property.Name, member.Name, StringComparison.Ordinal));
        var former = member.Field.GetCustomAttributes<FormerNameAttribute>();
        return (property is null ? former : former.Concat(property.GetCustomAttributes<FormerNameAttribute>())).Select(static attribute => attribute.Name);
    }

    private static byte[] Default(Type type, RecordMember member)
    {
        var declared = type.GetConstructors().OrderByDescending(static constructor => constructor.GetParameters().Length)
            .SelectMany(static constructor => constructor.GetParameters())
            .FirstOrDefault(parameter => parameter.HasDefaultValue
                && string.Equals(parameter.Name, member.Name.TrimStart('_'), StringComparison.OrdinalIgnoreCase));
        var value = declared?.DefaultValue;
        var underlying = Nullable.GetUnderlyingType(member.Field.FieldType) ?? member.Field.FieldType;
        if (value is not null && underlying.IsEnum) value = Enum.ToObject(underlying, value);
        return (byte[])BytesMethod.MakeGenericMethod(member.Field.FieldType).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [value], null)!;
    }

    private static byte[] BytesOf<T>(object? value)
    {
        var writer = new ByteWriter();
        Codec.For<T>().Write(writer, value is T declared ? declared : default!);
        return writer.ToArray();
    }

    private static StoredValueReader ReaderOf<T>() => static (ref ByteReader reader) => Codec.For<T>().Read(ref reader);
}
