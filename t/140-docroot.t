# SPDX-License-Identifier: Apache-2.0
# Webhooks beside whatever else lives on the same httpd: a blog that rewrites
# every path, a DocumentRoot that is closed, logins, aliases, virtual hosts.
# None of it is told about us, and none of it may come between.

use QDN::Test;
use QDN::Twilio qw(ACCOUNT TOKEN sign);
use QDN::Wire;

use File::Path qw(make_path);

my $house = QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf");

# The .htaccess of a blog, and worse.
my $htaccess = <<'HTACCESS';
DirectoryIndex index.html
ErrorDocument 404 /index.html
ErrorDocument 403 /index.html
RewriteEngine On
RewriteBase /
RewriteRule ^index\.html$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /index.html [L]
SetHandler default-handler
Header always set X-From htaccess
HTACCESS
my $open = qq(<Directory "\@DIR\@/htdocs">\n    AllowOverride All\n)
    . "    Require all granted\n</Directory>\n";

# [title, configuration, status and pattern of GET /some/page, files]
my @sites = (
    ['nothing', '', 403, qr/Forbidden/],
    ["a blog's .htaccess", $open, 200, qr/the blog/],
    ["a blog's .htaccess in our path", $open, 200, qr/the blog/,
        'qdn/twilio/voice/.htaccess' => $htaccess],
    ['.htaccess that denies all', $open, 403, qr/Forbidden/,
        '.htaccess' => "Require all denied\n"],
    ['.htaccess that nobody can read', $open, 500, qr/Error/,
        '.htaccess' => "Nonsense\n"],
    ['a file and a directory of our name', $open, 200, qr/the blog/,
        'qdn/twilio/voice/next/index.html' => 'a file'],
    ['a login for the DocumentRoot', $open . <<'CONF', 401, qr/Unauthorized/],
<Directory "@DIR@/htdocs">
    AllowOverride None
    AuthType Basic
    AuthName "the blog"
    AuthUserFile /dev/null
    Require valid-user
</Directory>
CONF
    ['a login for every location but ours', $open . <<'CONF', 401,
<Location "/">
    AuthType Basic
    AuthName "the blog"
    AuthUserFile /dev/null
    Require valid-user
</Location>
<Location "/qdn/twilio">
    Require all granted
</Location>
CONF
        qr/Unauthorized/],
    ['rewriting in the server', $open . <<'CONF', 200, qr/the blog/],
RewriteEngine On
RewriteRule ^/qdn/twilio /index.html [L]
RewriteRule ^ /index.html [L,PT]
CONF
    ['a server that forbids everything', $open . <<'CONF', 403, qr/Forb/],
RewriteEngine On
RewriteRule ^ - [F]
CONF
    ['an alias over us', $open . <<'CONF', 200, qr/the blog/],
Alias "/qdn" "@DIR@/htdocs"
AliasMatch "^/some/.*" "@DIR@/htdocs/index.html"
CONF
    ['a redirect of everything', $open . <<'CONF', 301, qr/elsewhere/],
Redirect permanent "/" "https://elsewhere.example.com/"
CONF
    ['a fallback for everything', $open . <<'CONF', 200, qr/the blog/],
<Directory "@DIR@/htdocs">
    FallbackResource /index.html
    AllowOverride None
</Directory>
DirectorySlash On
DirectoryIndex index.html
CONF
    ['filters and headers', $open . <<'CONF', 200, qr/the blog/],
AddOutputFilterByType DEFLATE text/xml text/plain
<Files "*">
    SetOutputFilter DEFLATE
</Files>
AddHandler default-handler .html voice
AddType application/x-nonsense voice
CONF
);

# The four kinds of answer: TwiML, a step deep in the path, refusals.
sub webhooks_work {
    my ($httpd, $title) = @_;
    my $sid = call_sid;
    my $got = $httpd->webhook('voice', { CallSid => $sid });
    plays($got->{content}, [qr/<Dial action="[^"]*voice\/next/,
        qr/\+16195550101</], "$title: a call rings");
    is($got->{headers}{'content-type'}, 'text/xml', "$title: TwiML");
    is($got->{headers}{'x-from'}, undef, "$title: no .htaccess was read");
    my ($next) = $got->{content} =~ /action="([^"]*)"/;
    $got = $httpd->webhook($next, { CallSid => $sid,
        DialCallStatus => 'no-answer', DialBridged => 'false' });
    plays($got->{content}, [qr/\+18585550102</], "$title: the next hop");
    $got = $httpd->webhook('voice', { CallSid => call_sid }, method => 'GET');
    like($got->{content}, qr/<Dial /, "$title: GET");
    for my $refused (['voice', 403, signature => 'x'], ['none', 404],
        ['voice', 405, method => 'PUT']) {
        my ($step, $status, @how) = @$refused;
        $got = $httpd->webhook($step, { CallSid => call_sid }, @how);
        is($got->{status}, $status, "$title: $status");
        like($got->{content}, qr/^[a-z ]+\n\z/, "$title: $status: our words");
    }
    return;
}

expect_log(qw(QDN0511 QDN0514 QDN0516));
for my $site (@sites) {
    my ($title, $config, $status, $page, %files) = @$site;
    my $httpd = httpd(config => "$house\n$config");
    %files = ('index.html' => 'the blog', '.htaccess' => $htaccess, %files);
    for my $name (keys %files) {
        my $path = "$httpd->{dir}/htdocs/$name";
        make_path($path =~ s{/[^/]*\z}{}r);
        QDN::Httpd::spew($path, $files{$name});
    }
    $httpd->start;
    my $got = $httpd->request('GET', '/some/page');
    is($got->{status}, $status, "$title is in force: $status");
    like($got->{content}, $page, "$title is in force");
    webhooks_work($httpd, $title);
    finish($httpd);
}

# A login that covers us as well: httpd asks Twilio for it, as it was told.
{
    my $httpd = httpd(config => $house . <<'CONF')->start;
<Location "/">
    AuthType Basic
    AuthName "all"
    AuthUserFile /dev/null
    Require valid-user
</Location>
CONF
    is($httpd->webhook('voice', { CallSid => call_sid })->{status}, 401,
        'a login for every location is one for ours too');
    finish($httpd);
}

# Who is sent here from another address of this server is not Twilio.
{
    my $httpd = httpd(config => $house . $open);
    QDN::Httpd::spew("$httpd->{dir}/htdocs/.htaccess", <<'HTACCESS');
RewriteEngine On
RewriteRule ^secret$ /qdn/twilio/voice [L]
ErrorDocument 404 /qdn/twilio/voice
HTACCESS
    $httpd->start;
    my $query = QDN::Twilio::form({ AccountSid => ACCOUNT,
        CallSid => call_sid, From => '', To => '+16195550100' });
    my $signature = sign(TOKEN, "$httpd->{public}/voice?$query", []);
    for my $path ('/secret', '/missing', '/qdn/twilio/voice') {
        my $got = $httpd->request('GET', "$path?$query",
            { headers => { 'X-Twilio-Signature' => $signature } });
        $path =~ /voice/ ? is($got->{status}, 200, "$path is a webhook")
            : unlike($got->{content}, qr/<Dial/, "$path is none");
    }
    expect_log('QDN0620');
    finish($httpd);
}

# -- virtual hosts --

my $httpd = httpd(config => $house . <<'CONF');
<VirtualHost *:@PORT@>
    ServerName calls.example.com
    DocumentRoot "@DIR@/htdocs"
</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName blog.example.com
    DocumentRoot "@DIR@/htdocs/blog"
    RewriteEngine On
    RewriteRule ^/hooks/ /index.html [L]
    <Location "/hooks/calls">
        SetHandler qdn-twilio
        QDNPublicURL https://blog.example.com/incoming
    </Location>
</VirtualHost>
CONF
make_path("$httpd->{dir}/htdocs/blog");
$httpd->start;

# [host, what Twilio requested, what a proxy made of it, status]
my @requests = (
    ['calls.example.com', 'https://calls.example.com/qdn/twilio', '/qdn/twilio',
        200],
    ['blog.example.com', 'https://calls.example.com/qdn/twilio', '/qdn/twilio',
        200],
    ['nobody.example.com', 'https://calls.example.com/qdn/twilio',
        '/qdn/twilio', 200],
    ['blog.example.com', 'https://blog.example.com/incoming', '/hooks/calls',
        200],
    ['blog.example.com', 'https://blog.example.com/hooks/calls',
        '/hooks/calls', 403],
    ['blog.example.com', 'https://calls.example.com/qdn/twilio',
        '/hooks/calls', 403],
    ['blog.example.com', 'https://blog.example.com/incoming', '/incoming', 403],
    ['calls.example.com', 'https://blog.example.com/incoming', '/hooks/calls',
        403],
);
for my $request (@requests) {
    my ($host, $public, $prefix, $status) = @$request;
    my $params = { AccountSid => ACCOUNT, CallSid => call_sid,
        From => '+12025550123', To => '+16195550100' };
    my $got = QDN::Wire->new($httpd)->ask('POST', "$prefix/voice", [
        Host => $host, 'Content-Type' => 'application/x-www-form-urlencoded',
        'X-Twilio-Signature' => sign(TOKEN, "$public/voice", $params),
    ], QDN::Twilio::form($params));
    is($got->{status}, $status, "$host$prefix, signed as $public: $status");
    next if $status != 200;
    like($got->{content}, qr{action="\Q$public\E/voice/next},
        '... and Twilio is told the address that it knows');
}

done_testing;
