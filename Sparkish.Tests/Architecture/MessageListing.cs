using System.Reflection;
using System.Text;

namespace Sparkish.Tests.Architecture;

/// <summary>
/// What the wire looks like, as text: each registered message with its number and fields, then the types of ours that their fields are made of.
/// </summary>
internal static class MessageListing
{
    public static string Of(IEnumerable<(int Id, Type Type)> messages)
    {
        var listing = new StringBuilder();
        var registered = messages.OrderBy(message => message.Id).ToArray();
        foreach (var (id, type) in registered) listing.Append(id).Append(' ').Append(Describe(type)).Append('\n');

        listing.Append("\nParts of messages\n");
        foreach (var part in PartsOf(registered.Select(message => message.Type)).OrderBy(Name, StringComparer.Ordinal))
            listing.Append(Describe(part)).Append('\n');
        return listing.ToString();
    }

    private static string Describe(Type type)
    {
        if (!IsOurs(type)) return Name(type);
        if (type.IsEnum)
            return $"{Name(type)} {{ {string.Join(", ", Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), null)}"))} }}";
        return $"{Name(type)}({string.Join(", ", Fields(type).Select(field => $"{Name(field.FieldType)} {FieldName(field)}"))})";
    }

    private static HashSet<Type> PartsOf(IEnumerable<Type> messages)
    {
        var seen = new HashSet<Type>(messages);
        var parts = new HashSet<Type>();
        var left = new Queue<Type>(seen);
        while (left.TryDequeue(out var type))
        {
            foreach (var part in Fields(type).SelectMany(field => Inside(field.FieldType)).Where(part => IsOurs(part) && seen.Add(part)))
            {
                parts.Add(part);
                left.Enqueue(part);
            }
        }

        return parts;
    }

    // A type with the types that it is built from: element and generic arguments.
    private static IEnumerable<Type> Inside(Type type)
    {
        if (type.IsArray) return Inside(type.GetElementType()!);
        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Inside).Prepend(type) : [type];
    }

    private static IEnumerable<FieldInfo> Fields(Type type)
    {
        if (!IsOurs(type) || type.IsInterface || type.IsEnum) return [];
        var own = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
        return type.BaseType is { } parent ? Fields(parent).Concat(own) : own;
    }

    private static string FieldName(FieldInfo field) =>
        field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;

    private static bool IsOurs(Type type) => type.Assembly.GetName().Name!.StartsWith("Sparkish.", StringComparison.Ordinal);

    private static string Name(Type type)
    {
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (!type.IsGenericType) return type.FullName!;
        var name = type.GetGenericTypeDefinition().FullName!;
        return $"{name[..name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
