using System.Reflection;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Messages;

/// <summary>Finds and validates the types of an assembly that have a <see cref="MessageAttribute"/>.</summary>
internal static class MessageTypes
{
    /// <summary>All of them by number, and by name if two have the same number.</summary>
    public static IReadOnlyList<(int Number, Type Type)> In(Assembly assembly) =>
    [
        .. TypesOf(assembly)
            .Select(static type => (type.GetCustomAttribute<MessageAttribute>(inherit: false)?.Number, Type: type))
            .Where(static found => found.Number is not null)
            .Select(static found => (Number: found.Number!.Value, found.Type))
            .OrderBy(static found => found.Number).ThenBy(static found => found.Type.FullName, StringComparer.Ordinal),
    ];

    /// <summary>The reason why a type cannot be a message with a number, without a full stop; null if it can.</summary>
    public static string? Refusal(int number, Type type)
    {
        if (number <= 0) return "a number must be positive";
        if (number <= MessageRegistry.LastReservedNumber) return $"numbers up to {MessageRegistry.LastReservedNumber} are reserved: use a higher one";
        if (type.ContainsGenericParameters) return "it is generic: register each constructed type by Add";
        if (type.IsByRefLike) return "it is a ref struct and cannot be sent";
        if (type.IsAbstract && type.IsSealed) return "it is static and has no instances";
        if (type.IsAssignableTo(typeof(Delegate)) || type.IsAssignableTo(typeof(Exception)) || type.IsAssignableTo(typeof(Type)))
            return "it has no fixed schema: use a record";
        if (InheritedAttributes.Find<NotSerializableAttribute>(type) is { } forbidden) return forbidden.Reason;
        return type.IsAbstract && InheritedAttributes.Find<CodecTypeAttribute>(type) is null
            && UnionShape.Of(type) is null ? "it is abstract: number the types that derive from it" : SchemaRefusal(type);
    }

    private static string? SchemaRefusal(Type type)
    {
        try
        {
            return Codec.Of(type).IsGraph ? $"it has no fixed schema: {TypeAdmission.Default.Refusal(type) ?? "use a record"}" : null;
        }
        catch (SerializationException e)
        {
            return e.Message.TrimEnd('.');
        }
    }

    private static Type[] TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            throw new ArgumentException(
                $"The messages of {assembly.GetName().Name} cannot be listed: {e.LoaderExceptions.FirstOrDefault()?.Message ?? e.Message}",
                    nameof(assembly), e);
        }
    }
}
