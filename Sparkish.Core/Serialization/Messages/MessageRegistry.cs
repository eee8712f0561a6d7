using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Messages;

/// <summary>
/// The message types that may cross the wire, each with a number. No type name is ever read from the wire: a type without a number is refused. Filled at the
/// start, then only read, by any thread.
/// </summary>
public sealed class MessageRegistry
{
    /// <summary>The highest number that is reserved for the framework's own messages.</summary>
    public const int LastReservedNumber = 99;

    private readonly Dictionary<int, MessageType> _byId = [];

    // Also contains the cases of a union: a value of an F# union is of the class of its case.
    private readonly Dictionary<Type, MessageType> _byType = [];

    /// <summary>A registry with the usual types of replies: bool, int, long, string.</summary>
    public MessageRegistry() => Add<bool>(1).Add<int>(2).Add<long>(3).Add<string>(4);

    /// <summary>All registered types in the order of their numbers.</summary>
    public IEnumerable<MessageType> Types => _byId.Values.OrderBy(type => type.Id);

    /// <summary>Registers a type; its codec is created when its first message is written or read.</summary>
    /// <typeparam name="T">The type of the messages; an F# union stands for all its cases.</typeparam>
    /// <param name="id">The number, above <see cref="LastReservedNumber"/> and the same in all programs that exchange the message.</param>
    /// <param name="senders">The peers that may send it; every authenticated peer unless given.</param>
    /// <exception cref="ArgumentException">The number or the type is in use; nothing is registered.</exception>
    public MessageRegistry Add<T>(int id, Senders senders = Senders.Anyone) where T : notnull
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(id);
        if (_byId.TryGetValue(id, out var other))
            throw new ArgumentException($"Message number {id} is taken by {other.Type}: give {typeof(T)} another.", nameof(id));
        if (_byType.TryGetValue(typeof(T), out var known))
            throw new ArgumentException($"{typeof(T)} has message number {known.Id} already: register it once.", nameof(id));
        Register(new MessageType<T>(id, senders));
        return this;
    }

    /// <summary>
    /// Registers all types of an assembly that have a <see cref="MessageAttribute"/>, including non-public ones, in the order of their numbers. If one of them
    /// cannot be registered, none is.
    /// </summary>
    /// <param name="assembly">The assembly; one without such types adds nothing.</param>
    /// <exception cref="ArgumentException">
    /// A number is in use, duplicated or reserved, or a type is open, abstract or has no fixed schema for another reason. The message names the type and the
    /// number.
    /// </exception>
    public MessageRegistry AddAssembly(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var messages = MessageTypes.In(assembly);
        var numbers = _byId.ToDictionary(entry => entry.Key, entry => entry.Value.Type);
        foreach (var (number, type) in messages)
        {
            if (MessageTypes.Refusal(number, type) is { } reason) throw Refused(number, type, reason);
            if (_byType.TryGetValue(type, out var known)) throw Refused(number, type, $"it is registered already, under {known.Id}: register it once");
            if (!numbers.TryAdd(number, type)) throw Refused(number, type, $"the number is taken by {numbers[number]}: give one of them another");
        }

        foreach (var (number, type) in messages) Register(MessageType.Make(number, type));
        return this;
    }

    /// <summary>Registers all types with a <see cref="MessageAttribute"/> in the assembly of a type, such as one of the messages.</summary>
    /// <typeparam name="T">Any type of the assembly.</typeparam>
    /// <exception cref="ArgumentException">As for <see cref="AddAssembly"/>.</exception>
    public MessageRegistry AddAssemblyOf<T>() => AddAssembly(typeof(T).Assembly);

    /// <summary>Finds the registered type of a message. Types are matched exactly: a type derived from a registered one needs its own number.</summary>
    /// <param name="type">The type of the message, as returned by <see cref="object.GetType"/>.</param>
    /// <param name="message">Its entry.</param>
    public bool TryGet(Type type, [NotNullWhen(true)] out MessageType? message)
    {
        ArgumentNullException.ThrowIfNull(type);
        return _byType.TryGetValue(type, out message);
    }

    /// <summary>Finds the type that is registered under a number.</summary>
    /// <param name="id">The number, as read from the wire.</param>
    /// <param name="message">Its entry.</param>
    public bool TryGet(int id, [NotNullWhen(true)] out MessageType? message) => _byId.TryGetValue(id, out message);

    private void Register(MessageType message)
    {
        _byId.Add(message.Id, message);
        _byType.Add(message.Type, message);
        if (UnionShape.Of(message.Type) is not { } union) return;
        foreach (var unionCase in union.CaseTypes) _byType.TryAdd(unionCase, message);
    }

    private static ArgumentException Refused(int number, Type type, string reason) => new($"{type} cannot be message {number}: {reason}.");
}
