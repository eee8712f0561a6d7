using System.Collections;
using System.Reflection;
using Sparkish.Deploy;
using Sparkish.Rpc;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Security;

/// <summary>Makes messages of any type by their constructors, out of what an attacker would put in: ids, addresses and refs of a victim.</summary>
internal sealed class MessageValues(ApplicationId app, WorkerId worker, RpcAddress address, RpcEndpointRef endpoint)
{
    private const int MaxDepth = 8;

    /// <summary>Makes a message.</summary>
    /// <exception cref="NotSupportedException">A part of it is of a kind that is not known here: add it.</exception>
    public object Make(Type type) => Make(type, 0) ?? throw new NotSupportedException($"No value is known for {type}.");

    private object? Make(Type type, int depth)
    {
        if (depth > MaxDepth) return null;
        if (Nullable.GetUnderlyingType(type) is { } underlying) type = underlying;
        if (Known(type) is { } known) return known;
        if (type.IsEnum) return Enum.GetValues(type).GetValue(0);
        if (type.IsArray) return MakeArray(type.GetElementType()!, depth);
        if (type.IsInterface || typeof(IEnumerable).IsAssignableFrom(type)) return MakeCollection(type);
        var constructor = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(candidate => candidate.GetParameters() is not [var only] || only.ParameterType != type)
            .OrderByDescending(candidate => candidate.GetParameters().Length).FirstOrDefault()
            ?? throw new NotSupportedException($"{type} has no constructor: say in {nameof(MessageValues)} how to make one.");
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType, depth + 1))]);
    }

    private object? Known(Type type)
    {
        if (type == typeof(ApplicationId)) return app;
        if (type == typeof(WorkerId)) return worker;
        if (type == typeof(RpcAddress)) return address;
        if (type == typeof(RpcEndpointRef)) return endpoint;
        if (type == typeof(string)) return "0";
        if (type == typeof(bool)) return true;
        if (type == typeof(byte[])) return new byte[] { 1, 0xE8, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
        if (type == typeof(Guid)) return Guid.NewGuid();
        if (type == typeof(DateTimeOffset)) return DateTimeOffset.UnixEpoch;
        if (type == typeof(TimeSpan)) return TimeSpan.FromSeconds(1);
        if (type == typeof(object)) return "0";
        return type.IsPrimitive ? Convert.ChangeType(1, type, System.Globalization.CultureInfo.InvariantCulture) : null;
    }

    private Array MakeArray(Type element, int depth)
    {
        var array = Array.CreateInstance(element, 1);
        array.SetValue(Make(element, depth + 1), 0);
        return array;
    }

    private static object MakeCollection(Type type)
    {
        if (!type.IsGenericType) throw new NotSupportedException($"{type} is no collection that is known in {nameof(MessageValues)}.");
        var arguments = type.GetGenericArguments();
        var made = arguments.Length == 2 ? typeof(Dictionary<,>).MakeGenericType(arguments) : typeof(List<>).MakeGenericType(arguments);
        return type.IsAssignableFrom(made)
            ? Activator.CreateInstance(made)!
            : Activator.CreateInstance(type) ?? throw new NotSupportedException($"{type} cannot be made in {nameof(MessageValues)}.");
    }
}
