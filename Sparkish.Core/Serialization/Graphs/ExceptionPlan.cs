using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs;

/// <summary>
/// Exceptions: type, message, stack trace, cause and HResult, then one block with the fields of types below <see cref="Exception"/>. An exception always
/// arrives: if its type cannot be created, or one of its fields cannot be sent, it becomes a <see cref="RemoteException"/>. None of its class's code runs while
/// it is read, nor that of its fields' classes if a peer wrote it.
/// </summary>
internal sealed class ExceptionPlan : ObjectPlan
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly FieldInfo? MessageField = typeof(Exception).GetField("_message", Declared);
    private static readonly FieldInfo? CauseField = typeof(Exception).GetField("_innerException", Declared);

    private readonly FieldInfo[] _fields;

    // The fields by declaring class, so that another version of the type finds its own.
    private readonly string[] _names;

    public ExceptionPlan(Type type) : base(type)
    {
        var fields = new List<FieldInfo>();
        for (var part = type; part is not null && part != typeof(Exception); part = part.BaseType) fields.AddRange(FieldSlot.Of(part).Where(IsSent));
        _fields = [.. fields];
        _names = Array.ConvertAll(_fields, field => field.DeclaringType == type ? field.Name : $"{field.DeclaringType!.Name}.{field.Name}");
    }

    public override NodeTag Tag => NodeTag.Exception;

    public override bool IsLate => true;

    public override void Write(ObjectWriter writer, object value)
    {
        var exception = (Exception)value;
        var output = writer.Output;
        var message = (string?)MessageField?.GetValue(exception);
        output.WriteString(Type.FullName);
        writer.Types.Write(output, Type);
        output.WriteString(message);
        var shown = Ask(static exception => exception.Message, exception);
        output.WriteString(string.Equals(shown, message, StringComparison.Ordinal) ? null : shown);
        output.WriteString(Ask(static exception => exception.StackTrace, exception));
        output.WriteUnmanaged(exception.HResult);
        writer.Push(nameof(Exception.InnerException));
        writer.Write(exception.InnerException);
        writer.Pop();
        var fields = FieldsOf(exception, output.Context);
        output.WriteNullableCount(fields?.Length ?? -1);
        output.WriteRaw(fields);
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id) =>
        throw new SerializationException($"{Type} is not allowed at this position.");

    public static Exception ReadAny(ObjectReader reader, ref ByteReader input, ExpectedRoot? expected = null)
    {
        var typeName = input.ReadString() ?? "";
        var type = reader.Types.Read(ref input);
        expected?.CheckException(type);
        var message = input.ReadString();
        var shown = input.ReadString() ?? message ?? "";
        var stack = input.ReadString();
        var code = input.ReadUnmanaged<int>();
        var cause = reader.Read(ref input);
        if (cause is not null and not Exception) throw new SerializationException($"The cause of a {typeName} is a {cause.GetType()}.");
        var length = input.ReadNullableCount();
        var made = length < 0 ? null : TryMake(reader, type.Found, message, (Exception?)cause, ref input, length);
        var exception = made ?? new RemoteException(typeName, shown, (Exception?)cause);
        exception.HResult = code;
        return stack is null ? exception : ExceptionDispatchInfo.SetRemoteStackTrace(exception, stack);
    }

    private static Exception? TryMake(ObjectReader reader, Type? type, string? message, Exception? cause, ref ByteReader input, int length)
    {
        var fields = input.Inner(length);
        if (type is null || type.IsAbstract || ObjectPlans.For(type) is not ExceptionPlan plan || MessageField is null || CauseField is null) return null;
        if (reader.Admission.Refusal(type) is not null || TypeRules.Refusal(type) is not null) return null;
        if (reader.Trust == Trust.Peer && DataTypes.RunsInitializer(type)) return null;
        try
        {
            var exception = (Exception)RuntimeHelpers.GetUninitializedObject(type);
            MessageField.SetValue(exception, message);
            CauseField.SetValue(exception, cause);
            return plan.TryFill(exception, ObjectSerializer.ReadFields(ref fields, reader)) ? exception : null;
        }
        catch (Exception e) when (e is SerializationException or ArgumentException or MemberAccessException or TypeInitializationException)
        {
            // Everything known without the fields is still reported.
            return null;
        }
        finally
        {
            input.CountOn(fields);
        }
    }

    // A written field that does not exist here is dropped, and a field that was not written keeps its default.
    private bool TryFill(Exception exception, object? state)
    {
        if (state is not object?[] { Length: > 0 } parts || parts[0] is not string[] names || names.Length != parts.Length - 1) return false;
        for (var i = 0; i < names.Length; i++)
        {
            var index = Array.IndexOf(_names, names[i]);
            if (index >= 0) _fields[index].SetValue(exception, parts[i + 1]);
        }

        return true;
    }

    private byte[]? FieldsOf(Exception exception, SerializationContext? context)
    {
        if (TypeRules.Refusal(Type) is not null) return null;
        try
        {
            return ObjectSerializer.Serialize(
                Array.ConvertAll<FieldInfo, object?>(_fields, field => field.GetValue(exception)).Prepend(_names).ToArray(), context);
        }
        catch (SerializationException)
        {
            // The failure itself matters more than the data that its author attached to it.
            return null;
        }
    }

    // A member that its author has overridden may itself throw.
    private static string? Ask(Func<Exception, string?> member, Exception exception)
    {
        try
        {
            return member(exception);
        }
        catch (Exception e)
        {
            return $"({exception.GetType()} failed to describe itself: {e.GetType()})";
        }
    }

    // A framework's exception holds tokens and tasks of its process, which are useless elsewhere.
    private static bool IsSent(FieldInfo field)
    {
        var type = field.FieldType;
        var isOwn = !FrameworkAssemblies.Contains(field.DeclaringType!.Assembly);
        return isOwn || type.IsInterface || type.IsArray || type == typeof(object) || TypeAdmission.Default.Refusal(type) is null;
    }
}
