using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Sparkish.Serialization;

/// <summary>
/// Exceptions: type, message, stack trace, cause and HResult, then the fields that types below <see cref="Exception"/> declare as a block of
/// their own. An exception always arrives: where its type cannot be made, or a field of it cannot be sent, as a <see cref="RemoteException"/>.
/// </summary>
internal sealed class ExceptionPlan : ObjectPlan
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly FieldInfo? MessageField = typeof(Exception).GetField("_message", Declared);
    private static readonly FieldInfo? CauseField = typeof(Exception).GetField("_innerException", Declared);

    private readonly FieldInfo[] _fields;

    public ExceptionPlan(Type type) : base(type)
    {
        var fields = new List<FieldInfo>();
        for (var part = type; part is not null && part != typeof(Exception); part = part.BaseType)
        {
            fields.AddRange(part.GetFields(Declared).Where(IsSent).OrderBy(field => field.Name, StringComparer.Ordinal));
        }

        _fields = [.. fields];
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
        output.WriteString(string.Equals(exception.Message, message, StringComparison.Ordinal) ? null : exception.Message);
        output.WriteString(exception.StackTrace);
        output.WriteUnmanaged(exception.HResult);
        writer.Push(nameof(Exception.InnerException));
        writer.Write(exception.InnerException);
        writer.Pop();
        var fields = FieldsOf(exception);
        output.WriteNullableCount(fields?.Length ?? -1);
        output.WriteRaw(fields);
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id) =>
        throw new SerializationException($"{Type} stands where it cannot.");

    public static Exception ReadAny(ObjectReader reader, ref ByteReader input)
    {
        var typeName = input.ReadString() ?? "";
        var type = reader.Types.Read(ref input);
        var message = input.ReadString();
        var shown = input.ReadString() ?? message ?? "";
        var stack = input.ReadString();
        var code = input.ReadUnmanaged<int>();
        var cause = reader.Read(ref input);
        if (cause is not null and not Exception) throw new SerializationException($"The cause of a {typeName} is a {cause.GetType()}.");
        var length = input.ReadNullableCount();
        var fields = length < 0 ? [] : input.ReadRaw(length);
        var made = length < 0 ? null : TryMake(type.Found, message, (Exception?)cause, fields, input.Context);
        var exception = made ?? new RemoteException(typeName, shown, (Exception?)cause);
        exception.HResult = code;
        return stack is null ? exception : ExceptionDispatchInfo.SetRemoteStackTrace(exception, stack);
    }

    private static Exception? TryMake(Type? type, string? message, Exception? cause, ReadOnlySpan<byte> fields, SerializationContext? context)
    {
        if (type is null || type.IsAbstract || ObjectPlans.For(type) is not ExceptionPlan plan || MessageField is null || CauseField is null) return null;
        if (TypeAdmission.Refusal(type) is not null) return null;
        try
        {
            var exception = (Exception)RuntimeHelpers.GetUninitializedObject(type);
            MessageField.SetValue(exception, message);
            CauseField.SetValue(exception, cause);
            var input = new ByteReader(fields, context);
            if (ObjectSerializer.Read(ref input) is not object?[] values || values.Length != plan._fields.Length) return null;
            for (var i = 0; i < values.Length; i++) plan._fields[i].SetValue(exception, values[i]);
            return exception;
        }
        catch (Exception e) when (e is SerializationException or ArgumentException or MemberAccessException or TypeInitializationException)
        {
            // What is known without the fields is told all the same.
            return null;
        }
    }

    private byte[]? FieldsOf(Exception exception)
    {
        try
        {
            return ObjectSerializer.Serialize(Array.ConvertAll(_fields, field => field.GetValue(exception)));
        }
        catch (SerializationException)
        {
            // The failure itself matters more than what its author attached to it.
            return null;
        }
    }

    // A framework's exception keeps tokens and tasks of its process, which nobody looks at elsewhere.
    private static bool IsSent(FieldInfo field)
    {
        if (field.IsDefined(typeof(NonSerializedAttribute))) return false;
        var type = field.FieldType;
        var isOwn = !FrameworkAssemblies.Contains(field.DeclaringType!.Assembly);
        return isOwn || type.IsInterface || type.IsArray || type == typeof(object) || TypeAdmission.Refusal(type) is null;
    }
}
