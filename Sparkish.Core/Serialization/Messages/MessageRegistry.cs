using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Messages;

/// <summary>
/// The message types that may cross the wire, each under a number. No type name is ever taken from the wire: a type without a number is refused. Filled at
/// the start, then only read, by any thread.
/// </summary>
public sealed class MessageRegistry
{
    /// <summary>The highest number that is reserved for the framework's own messages.</summary>
    public const int LastReservedNumber = 99;

    private readonly Dictionary<int, MessageType> _byId = [];

    // Under a union stand its cases, too: a value of an F# union is of the class of its case.
    private readonly Dictionary<Type, MessageType> _byType = [];

    /// <summary>A registry with the usual types of replies: bool, int, long, string.</summary>
    public MessageRegistry() => Add<bool>(1).Add<int>(2).Add<long>(3).Add<string>(4);

    /// <summary>All registered types in the order of their numbers.</summary>
    public IEnumerable<MessageType> Types => _byId.Values.OrderBy(type => type.Id);

    /// <summary>Registers a type; the codec is made when the first message of it is written or read.</summary>
    /// <typeparam name="T">The type of the messages; an F# union stands for all its cases.</typeparam>
    /// <param name="id">The number, above <see cref="LastReservedNumber"/> and the same in all programs that exchange the message.</param>
    /// <param name="senders">From which peers it is taken; from every one that has come through the handshake unless given.</param>
    /// <exception cref="ArgumentException">The number or the type is taken; nothing is registered.</exception>
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
    /// Registers all types of an assembly that have a <see cref="MessageAttribute"/>, also those that are not public, in the order of their numbers. If one of
    /// them cannot
    /// be registered, none is.
    /// </summary>
    /// <param name="assembly">The assembly; one without such types adds nothing.</param>
    /// <exception cref="ArgumentException">
    /// A number is taken, used twice or reserved, or a type is open, abstract or of another kind that has no fixed schema. The message names the type and the
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

    /// <summary>Registers all types with a <see cref="MessageAttribute"/> of the assembly that a type is from, such as one of the messages.</summary>
    /// <typeparam name="T">Any type of the assembly.</typeparam>
    /// <exception cref="ArgumentException">As for <see cref="AddAssembly"/>.</exception>
    public MessageRegistry AddAssemblyOf<T>() => AddAssembly(typeof(T).Assembly);

    /// <summary>Finds the registered type of a message. Types are matched exactly: one that derives from a registered type needs a number of its own.</summary>
    /// <param name="type">The type of the message, as <see cref="object.GetType"/> tells it.</param>
    /// <param name="message">Its entry.</param>
    public bool TryGet(Type type, [NotNullWhen(true)] out MessageType? message)
    {
        ArgumentNullException.ThrowIfNull(type);
        return _byType.TryGetValue(type, out message);
    }

    /// <summary>Finds the type that is registered under a number.</summary>
    /// <param name="id">The number, as it came from the wire.</param>
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
