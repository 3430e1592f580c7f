// The actions that are open to staff, beside those in the documents of letters and proposals. Each is listed
// if the domain's own decision would accept it now.
#pragma once

#include <string>
#include <vector>

#include "domain/programme.hpp"
#include "http/api/documents.hpp"

namespace ttp::http {

/// Those of the service desk on an account.
void add_desk_actions(std::vector<OpenAction>& actions, const domain::Account& account,
                      const domain::Facts& facts);
/// Those of an officer on a company's membership and its open submission.
void add_officer_actions(std::vector<OpenAction>& actions, const domain::Account& account,
                         const domain::Programme& programme, const domain::Facts& facts);
/// Those of the service desk and of operators on a user. `facts` are those of the staff member who reads.
void add_staff_actions(std::vector<OpenAction>& actions, const domain::User& user,
                       const domain::Facts& facts);

/// Those of the service desk on a mail to a user.
void add_mail_actions(std::vector<OpenAction>& actions, const domain::User& user, const std::string& mail,
                      const domain::Facts& facts);

/// Facts about a person whom a command would name, as long as nothing speaks against that person: for actions
/// that depend on whom the caller will name.
domain::Facts naming_somebody(domain::Facts facts);
/// The person whom those facts name.
domain::UserId somebody();

}  // namespace ttp::http
